"""Every address of the back office."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from anstoss.web import entrance, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("login/", entrance.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("healthz", overview.healthz, name="healthz"),
]
