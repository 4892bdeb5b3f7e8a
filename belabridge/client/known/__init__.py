"""The form that users of pybela know: five classes, on top of the client."""
