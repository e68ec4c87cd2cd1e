"""The same route, GET /api/products/{id}, as others write it; each file is a handler's module."""
