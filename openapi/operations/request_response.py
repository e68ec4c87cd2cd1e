"""Request-Response: products, inventory, users, and what is for monitors and programs."""

from openapi.operations.parts import AT, USER_ID, Answer, Body, Operation, link

_TAG = "Request-Response"
_STORED = {
    "name": "Espresso machine",
    "description": "Dual boiler, with a pressure gauge and a 58 mm portafilter.",
    "category": "kitchen",
    "price": 74900,
    "currency": "EUR",
}
_PRODUCT = {
    "id": "espresso-machine",
    **_STORED,
    "stock": 12,
    "created_at": AT,
    "updated_at": AT,
    "version": 1,
}
_USER = {
    "id": USER_ID,
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "created_at": AT,
    "version": 1,
}
_REGISTRATION = {"email": "Ada@example.com", "name": "Ada Lovelace"}
_NEW_PRODUCT = _PRODUCT | {"stock": 0}

_VALIDATORS = ("ETag", "CacheControl")
_UNCHANGED = Answer("What the caller has is what there is.", headers=_VALIDATORS)
_PAGES = ("PageSize", "PageToken")
_ONE_PRODUCT = "The product, with its ETag: send that back in If-None-Match or If-Match."
_NEXT_PRODUCTS = {"next": link("list_products", {"page_token": "$response.body#/next_page_token"})}
_NEXT_USERS = {"next": link("list_users", {"page_token": "$response.body#/next_page_token"})}
_OF_PRODUCT = {
    "read": link("get_product", {"id": "$response.body#/id"}),
    "inventory": link("get_inventory", {"id": "$response.body#/id"}),
}
_OF_USER = {
    "read": link("get_user", {"id": "$response.body#/id"}),
    "delete": link("delete_user", {"id": "$response.body#/id"}),
}

OPERATIONS = {
    ("get", "/api/products"): Operation(
        "list_products",
        _TAG,
        "A category's products in the order of their ids, or all in an order that stays the same.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("ProductPage", {"last page": {"items": [_PRODUCT]}}),
                ("CacheControl",),
                _NEXT_PRODUCTS,
            )
        },
        (*_PAGES, "Category"),
    ),
    ("head", "/api/products"): Operation(
        "list_products_head",
        _TAG,
        "As GET, without the body.",
        {200: Answer("There is a page.", headers=("CacheControl",))},
        (*_PAGES, "Category"),
    ),
    ("get", "/api/products/{id}"): Operation(
        "get_product",
        _TAG,
        "Ask with the ETag that you have: 304 says that nothing has changed.",
        {
            200: Answer(_ONE_PRODUCT, Body("Product", {"espresso machine": _PRODUCT}), _VALIDATORS),
            304: _UNCHANGED,
        },
        ("ProductId", "IfNoneMatch"),
    ),
    ("head", "/api/products/{id}"): Operation(
        "get_product_head",
        _TAG,
        "As GET, without the body.",
        {200: Answer("The product is there.", headers=_VALIDATORS), 304: _UNCHANGED},
        ("ProductId", "IfNoneMatch"),
    ),
    ("put", "/api/products/{id}"): Operation(
        "put_product",
        _TAG,
        "Creates with `If-None-Match: *`, replaces with `If-Match`; one of them is required."
        " Stock changes by adjustments alone.",
        {
            200: Answer("Replaced.", Body("Product", {"replaced": _PRODUCT}), ("ETag",)),
            201: Answer(
                "Created.", Body("Product", {"created": _NEW_PRODUCT}), ("ETag",), _OF_PRODUCT
            ),
        },
        ("NewProductId", "IfMatch", "IfNoneMatchAny"),
        Body("ProductFields", {"espresso machine": _STORED}),
    ),
    ("delete", "/api/products/{id}"): Operation(
        "delete_product",
        _TAG,
        "Takes the ETag of what you have seen, so that nobody's change is lost unseen.",
        {204: Answer("Deleted.")},
        ("ProductId", "IfMatchRequired"),
    ),
    ("get", "/api/products/{id}/inventory"): Operation(
        "get_inventory",
        _TAG,
        "The stock alone; its ETag is the product's.",
        {
            200: Answer(
                "The stock.",
                Body("Inventory", {"in stock": {"product_id": "espresso-machine", "stock": 12}}),
                _VALIDATORS,
            ),
            304: _UNCHANGED,
        },
        ("ProductId", "IfNoneMatch"),
    ),
    ("post", "/api/products/{id}/inventory/adjustments"): Operation(
        "adjust_inventory",
        _TAG,
        "Adds to the stock or takes from it, in one step: never below zero, whoever else does.",
        {
            201: Answer(
                "The stock has changed, and why is kept.",
                Body(
                    "Adjustment",
                    {
                        "two sold": {
                            "product_id": "espresso-machine",
                            "id": "adj_0192f0c1a2b37c4d8e5f60718293a4b8",
                            "delta": -2,
                            "reason": "order 1042",
                            "created_at": AT,
                        }
                    },
                ),
                ("IdempotentReplayed",),
            )
        },
        ("ProductId", "IdempotencyKey"),
        Body("NewAdjustment", {"two sold": {"delta": -2, "reason": "order 1042"}}),
    ),
    ("post", "/api/users"): Operation(
        "register_user",
        _TAG,
        "The e-mail address is the identity, whatever its case. The registration becomes the event"
        " `user.registered`, and that a welcome by e-mail.",
        {
            201: Answer(
                "Registered.",
                Body("User", {"Ada": _USER}),
                ("Location", "IdempotentReplayed"),
                _OF_USER,
            )
        },
        ("IdempotencyKey",),
        Body(
            "NewUser",
            {"Ada": _REGISTRATION},
            ("application/json", "application/x-www-form-urlencoded"),
        ),
    ),
    ("get", "/api/users"): Operation(
        "list_users",
        _TAG,
        "All users, in an order that stays the same.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("UserPage", {"last page": {"items": [_USER]}}),
                ("CacheControl",),
                _NEXT_USERS,
            )
        },
        _PAGES,
    ),
    ("get", "/api/users/{id}"): Operation(
        "get_user",
        _TAG,
        "A registered or imported user.",
        {200: Answer("The user.", Body("User", {"Ada": _USER}))},
        ("Id",),
    ),
    ("delete", "/api/users/{id}"): Operation(
        "delete_user",
        _TAG,
        "The deletion becomes the event `user.deleted`, and every pattern erases the person.",
        {204: Answer("Deleted.")},
        ("Id",),
    ),
}
