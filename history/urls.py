"""Addresses below /history/."""

from django.urls import path

from history import orders, views

app_name = "history"
urlpatterns = [
    path("", views.index, name="list"),
    path("news/", views.news, name="news"),
    path("download/", views.download, name="download"),
    path("many/", orders.many, name="many"),
    path("release/<uuid:processing_id>/", orders.release, name="release"),
    path("<uuid:id>/", views.detail, name="detail"),
    path("<uuid:id>/watch/", views.watch, name="watch"),
    path("<uuid:id>/repeat/", orders.repeat, name="repeat"),
    path("<uuid:id>/accept/", orders.accept, name="accept"),
    path("<uuid:id>/hurry/", orders.hurry, name="hurry"),
    path("<uuid:id>/cancel/", orders.cancel, name="cancel"),
    path("<uuid:id>/skip/", orders.skip, name="skip"),
    path("<uuid:id>/body/", views.received_body, name="body"),
    path("<uuid:id>/steps/<uuid:step_id>/", views.attempt, name="attempt"),
    path("<uuid:id>/steps/<uuid:step_id>/<int:number>/<str:part>/", views.exchange_body, name="exchange"),
]
