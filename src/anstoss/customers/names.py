"""Names of events: the e-commerce spec v2 matched without regard to case, and its old v1 names."""

_SPEC = """
Products Searched; Product List Viewed; Product List Filtered; Promotion Viewed; Promotion Clicked; Product Clicked;
Product Viewed; Product Added; Product Removed; Cart Viewed; Checkout Started; Checkout Step Viewed;
Checkout Step Completed; Payment Info Entered; Order Completed; Order Updated; Order Cancelled; Order Refunded;
Coupon Entered; Coupon Applied; Coupon Denied; Coupon Removed; Product Added to Wishlist;
Product Removed from Wishlist; Wishlist Product Added to Cart; Product Shared; Cart Shared; Product Reviewed;
Email Delivered; Email Opened; Email Link Clicked; Email Bounced; Email Marked as Spam; Unsubscribed;
Consent Requested; Consent Granted; Consent Withdrawn; Message Handed; Message Sent; Message Not Sent; Message Failed
"""

_OLD = {
    "viewed product category": "Product List Viewed",
    "viewed promotion": "Promotion Viewed",
    "clicked promotion": "Promotion Clicked",
    "clicked product": "Product Clicked",
    "viewed product": "Product Viewed",
    "added product": "Product Added",
    "removed product": "Product Removed",
    "viewed cart": "Cart Viewed",
    "started order": "Checkout Started",
    "viewed checkout step": "Checkout Step Viewed",
    "completed checkout step": "Checkout Step Completed",
    "completed order": "Order Completed",
    "updated order": "Order Updated",
    "cancelled order": "Order Cancelled",
    "refunded order": "Order Refunded",
    "email clicked": "Email Link Clicked",
    "email unsubscribed": "Unsubscribed",
    "email bounce": "Email Bounced",
}

SPEC_EVENTS: tuple[str, ...] = tuple(" ".join(name.split()) for name in _SPEC.split(";"))
"""Event names of the spec, as we write them."""

_CANONICAL = {name.lower(): name for name in SPEC_EVENTS} | _OLD


def canonical_event_name(name: str) -> str:
    """The spec's spelling of a name it knows in any case or in its old form; other names without outer space."""
    name = name.strip()
    return _CANONICAL.get(name.lower(), name)
