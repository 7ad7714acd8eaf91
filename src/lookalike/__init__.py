"""A local sandbox server that stands in for customer-messaging APIs."""

__version__ = "0.1.0"
