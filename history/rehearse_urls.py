"""Addresses of trying settings out: `/processings/<id>/test/` and what belongs to it."""

from django.urls import path

from history import compare_pages, rehearse_pages

app_name = "rehearse"
urlpatterns = [
    path("processings/<uuid:processing_id>/test/", rehearse_pages.page, name="page"),
    path("processings/<uuid:processing_id>/test/send/", rehearse_pages.send, name="send"),
    path("processings/<uuid:processing_id>/test/compare/", compare_pages.saved, name="compare"),
    path("processings/<uuid:processing_id>/actions/compare/", compare_pages.new, name="compare_new"),
    path("actions/<uuid:id>/compare/", compare_pages.existing, name="compare_action"),
]
