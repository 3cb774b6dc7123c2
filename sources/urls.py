from django.urls import path

from sources import views

app_name = "sources"
urlpatterns = [
    path("processings/<uuid:processing_id>/sources/add/", views.add, name="add"),
    path("processings/<uuid:processing_id>/sources/preview/", views.preview_new, name="preview_new"),
    path("sources/<uuid:id>/", views.detail, name="detail"),
    path("sources/<uuid:id>/preview/", views.preview, name="preview"),
    path("sources/<uuid:id>/guide/", views.guide, name="guide"),
    path("sources/<uuid:id>/address/", views.address, name="address"),
    path("sources/<uuid:id>/capture/", views.capture, name="capture"),
    path("sources/<uuid:id>/example/", views.example, name="example"),
    path("sources/<uuid:id>/wait/", views.wait, name="wait"),
    path("sources/<uuid:id>/delete/", views.delete, name="delete"),
]
