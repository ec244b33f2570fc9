"""The address that keeps a reader's choice of language."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

urlpatterns = [path("set/", login_not_required(set_language), name="set-language")]
