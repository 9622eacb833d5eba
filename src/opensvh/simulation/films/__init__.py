"""From millimetres to a film: exposure, console, marks, framing."""
