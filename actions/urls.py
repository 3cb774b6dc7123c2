from django.urls import path

from actions import filter_pages, offer_pages, views
from actions import help as guides

app_name = "actions"
urlpatterns = [
    path("help/filters/", filter_pages.guide, name="filter_guide"),
    path("help/blocks/", guides.blocks, name="help"),
    path("help/answers/", guides.answers, name="answers_help"),
    path("processings/<uuid:processing_id>/actions/add/", views.add, name="add"),
    path("processings/<uuid:processing_id>/actions/preview/", views.preview_new, name="preview_new"),
    path("processings/<uuid:processing_id>/actions/filters/", filter_pages.choose_new, name="filters_new"),
    path("processings/<uuid:processing_id>/actions/options/", offer_pages.options_new, name="options_new"),
    path("processings/<uuid:processing_id>/actions/find/", offer_pages.find_new, name="find_new"),
    path("processings/<uuid:processing_id>/actions/check/", views.check_new, name="check_new"),
    path("processings/<uuid:processing_id>/actions/order/", views.order, name="order"),
    path("processings/<uuid:processing_id>/actions/<uuid:id>/restore/", views.restore, name="restore"),
    path("actions/<uuid:id>/", views.detail, name="detail"),
    path("actions/<uuid:id>/preview/", views.preview, name="preview"),
    path("actions/<uuid:id>/filters/", filter_pages.choose, name="filters"),
    path("actions/<uuid:id>/options/", offer_pages.options, name="options"),
    path("actions/<uuid:id>/find/", offer_pages.find, name="find"),
    path("actions/<uuid:id>/check/", views.check_existing, name="check"),
    path("actions/<uuid:id>/turn/", views.turn, name="turn"),
    path("actions/<uuid:id>/duplicate/", views.duplicate, name="duplicate"),
    path("actions/<uuid:id>/remove/", views.remove, name="remove"),
]
