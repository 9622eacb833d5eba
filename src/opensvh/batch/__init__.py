"""Work spread over machines: the only place that knows Ray."""
