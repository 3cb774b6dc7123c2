from django.urls import path

from actions.tables import loading, views

app_name = "tables"
urlpatterns = [
    path("", views.tables, name="list"),
    path("create/", views.create, name="create"),
    path("options/", views.options, name="options"),
    path("<uuid:id>/", views.detail, name="detail"),
    path("<uuid:id>/settings/", views.settings, name="settings"),
    path("<uuid:id>/delete/", views.delete, name="delete"),
    path("<uuid:id>/load/", loading.load, name="load"),
    path("<uuid:id>/download/", loading.download, name="download"),
    path("<uuid:id>/rows/add/", views.add_row, name="add_row"),
    path("<uuid:id>/rows/<int:row_id>/", views.change_row, name="change_row"),
    path("<uuid:id>/rows/<int:row_id>/remove/", views.remove_row, name="remove_row"),
    path("<uuid:id>/rows/<int:row_id>/restore/", views.restore_row, name="restore_row"),
]
