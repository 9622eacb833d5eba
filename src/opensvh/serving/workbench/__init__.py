"""The reader's workbench: accounts, films, marks and reading studies behind one HTTP API, with an audit trail."""
