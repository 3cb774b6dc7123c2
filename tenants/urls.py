from django.urls import path

from tenants import invitation_pages, journal_pages, people_pages, views

app_name = "tenants"
urlpatterns = [
    path("company/", views.company, name="company"),
    path("company/change/", views.change, name="change"),
    path("company/keys/add/", views.add_key, name="add_key"),
    path("company/keys/<uuid:key_id>/revoke/", views.revoke_key, name="revoke_key"),
    path("company/members/", people_pages.members, name="members"),
    path("company/members/<int:id>/role/", people_pages.change_role, name="change_role"),
    path("company/members/<int:id>/remove/", people_pages.remove, name="remove"),
    path("company/leave/", people_pages.leave, name="leave"),
    path("company/invitations/add/", people_pages.ask, name="invite"),
    path("company/invitations/<uuid:id>/resend/", people_pages.ask_again, name="resend"),
    path("company/invitations/<uuid:id>/revoke/", people_pages.take_back, name="revoke_invitation"),
    path("company/switch/<uuid:id>/", people_pages.switch, name="switch"),
    path("company/new/", people_pages.new_company, name="new"),
    path("invitations/<str:token>/", invitation_pages.invitation, name="invitation"),
    path("invitations/<str:token>/accept/", invitation_pages.accept, name="accept"),
    path("invitations/<str:token>/sign-up/", invitation_pages.sign_up, name="sign_up"),
    path("company/journal/", journal_pages.journal, name="journal"),
    path("help/", views.guide, name="help"),
]
