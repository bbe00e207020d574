"""Measures of the product on recordings whose truth is known. Not part of what is installed."""
