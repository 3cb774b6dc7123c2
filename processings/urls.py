from django.urls import path

from processings import ordering, views

app_name = "processings"
urlpatterns = [
    path("", views.list_, name="list"),
    path("processings/create/", views.create, name="create"),
    path("processings/<uuid:id>/", views.detail, name="detail"),
    path("processings/<uuid:id>/rename/", views.rename, name="rename"),
    path("processings/<uuid:id>/start/", views.start, name="start"),
    path("processings/<uuid:id>/stop/", views.stop, name="stop"),
    path("processings/<uuid:id>/turn/", views.turn, name="turn"),
    path("processings/<uuid:id>/copy/", views.copy, name="copy"),
    path("processings/<uuid:id>/delete/", views.delete, name="delete"),
    path("processings/<uuid:id>/restore/", views.restore, name="restore"),
    path("processings/<uuid:id>/notices/", views.notices, name="notices"),
    path("processings/<uuid:id>/retries/", views.retries, name="retries"),
    path("processings/<uuid:id>/order/", ordering.page, name="order"),
    path("processings/<uuid:id>/last/", views.last, name="last"),
]
