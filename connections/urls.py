"""Below /connections/, in the namespace of the list (history.accounts)."""

from django.urls import path

from connections import consent_views, views

urlpatterns = [
    path("new/", views.new, name="new"),
    path("options/", views.options, name="options"),
    path("authorised/", consent_views.back, name="authorised"),
    path("<uuid:id>/authorise/", consent_views.leave, name="authorise"),
    path("<uuid:id>/", views.detail, name="detail"),
    path("<uuid:id>/check/", views.check_now, name="check"),
    path("<uuid:id>/delete/", views.remove, name="delete"),
]
