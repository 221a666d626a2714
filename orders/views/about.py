"""What the register is for, how to use it, how accessible it is, and what it does with what it knows of its users."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orders.access.permissions import Action
from orders.views.access import permitted


@permitted(Action.ACCOUNT)
def help_page(request: HttpRequest) -> HttpResponse:
    """How to find somebody, what the words mean, and whom to ask."""
    return render(request, "orders/help.html")


@permitted(Action.ACCOUNT)
def accessibility_page(request: HttpRequest) -> HttpResponse:
    """What was tried, what is known to be wrong, and whom to tell (S.I. 2018/952)."""
    return render(request, "orders/accessibility.html")


@permitted(Action.ACCOUNT)
def privacy_page(request: HttpRequest) -> HttpResponse:
    """What is kept about whoever uses the register (Data Protection Act 2018 ss.44 and 62)."""
    return render(request, "orders/privacy.html")
