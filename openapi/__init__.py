"""The API's description: OpenAPI 3.1 from the template's routes, the models and the errors raised.

Nothing that serves traffic imports it; `make openapi` writes docs/openapi.json.
"""
