"""A local sandbox server that stands in for customer-messaging APIs."""

__all__ = ["__version__"]

__version__ = "0.1.0"
