from django.urls import path

from guestbook.views import Guestbook

urlpatterns = [path("", Guestbook.as_view(), name="guestbook")]
