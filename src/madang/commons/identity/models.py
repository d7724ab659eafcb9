"""The tables of identity."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from madang.kernel.ids import new_id
from madang.kernel.languages import Language


class AccountRow(AbstractBaseUser):
    """Someone who signs in. Residents have ``resident``; staff have ``department`` and ``post``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    resident = models.UUIDField(null=True, unique=True)
    department = models.TextField(blank=True)
    post = models.TextField(blank=True)
    language = models.TextField(default=Language.KO)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects = BaseUserManager["AccountRow"]()

    class Meta:
        """Named for what it is."""

        db_table = "identity_account"
