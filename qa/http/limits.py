"""So many requests a minute for each key."""

from time import time
from typing import Any

from litestar.middleware.rate_limit import DURATION_VALUES, CacheObject, RateLimitConfig, RateLimitMiddleware
from litestar.stores.base import Store

from qa.http import access


class _ByAnyClock(RateLimitMiddleware):
    """A minute that ends later than in a minute is of a clock that was put back: it is over."""

    async def retrieve_cached_history(self, key: str, store: Store) -> CacheObject:
        found = await super().retrieve_cached_history(key, store)
        ends = int(time()) + DURATION_VALUES[self.unit]
        return CacheObject(history=[], reset=ends) if found.reset > ends else found


def requests(per_minute: int) -> RateLimitConfig:
    """The limit, for every path but those that say whether the server is well."""
    options: dict[str, Any] = {"identifier_for_request": access.key_id, "exclude": ["/healthz", "/readyz"]}
    return RateLimitConfig(("minute", per_minute), middleware_class=_ByAnyClock, **options)
