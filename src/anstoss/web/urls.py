"""Every address of the back office. All of them need a login except those that say otherwise."""

from django.urls import include, path

from anstoss.web.views import customers, events, login, mailbox, overview, public_pages

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("mailbox/", mailbox.mails, name="mailbox"),
    path("mailbox/<int:mail_id>/", mailbox.mail, name="mail"),
    path("mailbox/<int:mail_id>/html/", mailbox.mail_html, name="mail-html"),
    path("mailbox/of/<path:ledger>", mailbox.mail_of_message, name="mail-of-message"),
    path("events/", events.events, name="events"),
    path("events/after/<int:seq>/", events.events_after, name="events-after"),
    path("events/rejects/", events.rejects, name="rejects"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:person>/", customers.customer, name="customer"),
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", login.Logout.as_view(), name="logout"),
    path("i18n/", include("anstoss.web.languages")),
    path("healthz", public_pages.healthz, name="healthz"),
    path("u/<str:token>", public_pages.way_out, name="way-out"),
    path("imprint/<slug:brand>", public_pages.brand_imprint, name="imprint"),
]
