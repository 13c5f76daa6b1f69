from django.contrib import admin
from django.urls import include, path

from config.health import health

urlpatterns = [
    path("", include("guestbook.urls")),
    path("admin/", admin.site.urls),
    path("health/", health),
]
