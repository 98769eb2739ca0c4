package homeserver

import (
	"time"
)

// rateLimiter is Synapse's Ratelimiter: per key a bucket that takes a burst of actions and leaks some of them each second.
type rateLimiter struct {
	clock   Clock
	buckets map[any]*bucket // by device, or by address without login
}

type bucket struct {
	level float64
	at    time.Time
}

func newRateLimiter(clock Clock) *rateLimiter {
	return &rateLimiter{clock: clock, buckets: map[any]*bucket{}}
}

// take counts one action, or refuses it with the time until there is room for one. A refused action does not count.
func (l *rateLimiter) take(key any, perSecond float64, burst int) error {
	if perSecond == 0 {
		return nil
	}
	now := l.clock.Now()
	b := l.buckets[key]
	if b == nil {
		b = &bucket{at: now}
		l.buckets[key] = b
	}
	b.level = max(0, b.level-max(0, now.Sub(b.at).Seconds())*perSecond)
	b.at = now
	const rounding = 1e-6
	if over := b.level + 1 - float64(burst); over > rounding {
		return tooMany("Too Many Requests", time.Duration(over/perSecond*float64(time.Second)))
	}
	b.level++
	return nil
}
