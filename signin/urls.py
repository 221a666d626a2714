"""Addresses of the pages."""

from django.urls import path

from signin.views.account import account_page, end_others, end_session, password_page, theme_page
from signin.views.kept_form import kept_form_page
from signin.views.lasting import stay
from signin.views.reset import reset_page
from signin.views.second_factor import (
    app_page,
    confirm_page,
    new_passkey_options,
    passkey_page,
    recovery_codes_page,
    remove_app,
    remove_passkey,
    second_factor_page,
)
from signin.views.sign_in import code_page, passkey_options, passkey_sign_in, sign_in_page
from signin.views.sign_out import sign_out
from signin.views.single_sign_on import back_channel, front_channel, provider_return, to_provider

app_name = "signin"

urlpatterns = [
    path("sign-in", sign_in_page, name="sign-in"),
    path("sign-in/code", code_page, name="code"),
    path("sign-in/passkey", passkey_sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/options", passkey_options, name="passkey-options"),
    path("sign-in/provider", to_provider, name="to-provider"),
    path("sign-in/provider/return", provider_return, name="provider-return"),
    path("sign-out", sign_out, name="sign-out"),
    path("sign-out/back-channel", back_channel, name="back-channel"),
    path("sign-out/front-channel", front_channel, name="front-channel"),
    path("account", account_page, name="account"),
    path("account/sessions/end-others", end_others, name="end-others"),
    path("account/sessions/<int:pk>/end", end_session, name="end-session"),
    path("account/password", password_page, name="password"),
    path("account/confirm/<slug:what>", confirm_page, name="confirm"),
    path("account/second-factor", second_factor_page, name="second-factor"),
    path("account/second-factor/app", app_page, name="app"),
    path("account/second-factor/app/remove", remove_app, name="remove-app"),
    path("account/second-factor/passkey", passkey_page, name="passkey"),
    path("account/second-factor/passkey/options", new_passkey_options, name="new-passkey-options"),
    path("account/second-factor/passkey/<int:pk>/remove", remove_passkey, name="remove-passkey"),
    path("account/second-factor/recovery-codes", recovery_codes_page, name="recovery-codes"),
    path("account/theme", theme_page, name="theme"),
    path("account/stay", stay, name="stay"),
    path("reference/users/<int:pk>/second-factor", reset_page, name="reset-factor"),
    path("kept-form/<uuid:public_id>", kept_form_page, name="kept-form"),
]
