from django.urls import path

from tenants import journal_pages, views

app_name = "tenants"
urlpatterns = [
    path("company/", views.company, name="company"),
    path("company/change/", views.change, name="change"),
    path("company/keys/add/", views.add_key, name="add_key"),
    path("company/keys/<uuid:key_id>/revoke/", views.revoke_key, name="revoke_key"),
    path("company/journal/", journal_pages.journal, name="journal"),
    path("help/", views.guide, name="help"),
]
