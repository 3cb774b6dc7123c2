"""Addresses of trying settings out: `/processings/<id>/test/` and what belongs to it."""

from django.urls import path

from history import rehearse_pages

app_name = "rehearse"
urlpatterns = [
    path("processings/<uuid:processing_id>/test/", rehearse_pages.page, name="page"),
    path("processings/<uuid:processing_id>/test/send/", rehearse_pages.send, name="send"),
]
