"""Below /connections/, in the namespace of the list (history.accounts)."""

from django.urls import path

from connections import views

urlpatterns = [
    path("new/", views.new, name="new"),
    path("options/", views.options, name="options"),
    path("<uuid:id>/", views.detail, name="detail"),
    path("<uuid:id>/check/", views.check_now, name="check"),
    path("<uuid:id>/delete/", views.remove, name="delete"),
]
