from typing import Any

from django.urls import reverse_lazy
from django.views.generic import CreateView

from guestbook.models import Entry

SHOWN = 50


class Guestbook(CreateView):
    """The latest entries, and a form to write one."""

    model = Entry
    fields = ("name", "message")
    template_name = "guestbook/index.html"
    success_url = reverse_lazy("guestbook")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entries=Entry.objects.all()[:SHOWN], **kwargs)
