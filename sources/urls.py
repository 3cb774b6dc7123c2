from django.urls import path

from sources import decode_again, pairs, version_pages, views
from sources.uploads import views as uploads

app_name = "sources"
urlpatterns = [
    path("help/catalogue/", pairs.catalogue, name="catalogue"),
    path("help/<str:source>/<str:action>/", pairs.pair, name="pair"),
    path("history/<uuid:id>/decode/", decode_again.page, name="decode_again"),
    path("history/<uuid:id>/decode/once/", decode_again.once, name="decode_once"),
    path("history/<uuid:id>/decode/always/", decode_again.always, name="decode_always"),
    path("processings/<uuid:processing_id>/sources/add/", views.add, name="add"),
    path("processings/<uuid:processing_id>/sources/preview/", views.preview_new, name="preview_new"),
    path("processings/<uuid:id>/versions/", version_pages.versions, name="versions"),
    path("processings/<uuid:id>/versions/compare/", version_pages.compare, name="compare_versions"),
    path("sources/<uuid:id>/", views.detail, name="detail"),
    path("sources/<uuid:id>/preview/", views.preview, name="preview"),
    path("sources/<uuid:id>/filters/", views.filters, name="filters"),
    path("sources/<uuid:id>/guide/", views.guide, name="guide"),
    path("sources/<uuid:id>/address/", views.address, name="address"),
    path("sources/<uuid:id>/capture/", views.capture, name="capture"),
    path("sources/<uuid:id>/example/", views.example, name="example"),
    path("sources/<uuid:id>/link/", views.link, name="link"),
    path("sources/<uuid:id>/wait/", views.wait, name="wait"),
    path("sources/<uuid:id>/upload/", uploads.upload, name="upload"),
    path("sources/<uuid:id>/uploads/", uploads.progress, name="uploads"),
    path("sources/<uuid:id>/uploads/<uuid:upload_id>/stop/", uploads.stop, name="stop_upload"),
    path("sources/<uuid:id>/delete/", views.delete, name="delete"),
]
