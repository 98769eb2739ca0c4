package homeserver

import (
	"time"
)

// rateLimiter is Synapse's Ratelimiter: per key a bucket that takes a burst of actions and leaks some of them each second.
type rateLimiter struct {
	clock   Clock
	buckets map[any]*bucket // by user, or by address without login
}

type bucket struct {
	level float64
	at    time.Time
}

func newRateLimiter(clock Clock) *rateLimiter {
	return &rateLimiter{clock: clock, buckets: map[any]*bucket{}}
}

// take counts one action, or refuses it with the time until there is room for one. A refused action does not count. After a step back of
// the clock a bucket is fuller by what would leak in that time, as in Synapse.
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
	b.level = max(0, b.level-now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	const rounding = 1e-6
	if over := b.level + 1 - float64(burst); over > rounding {
		return limited("Too Many Requests", time.Duration(over/perSecond*float64(time.Second)))
	}
	b.level++
	return nil
}

// prune forgets the buckets that are empty again; Synapse does so every minute.
func (l *rateLimiter) prune(perSecond float64) {
	now := l.clock.Now()
	for key, b := range l.buckets {
		if b.level <= now.Sub(b.at).Seconds()*perSecond {
			delete(l.buckets, key)
		}
	}
}

// countManagement counts a request that manages what is scheduled. A login is only looked at here, as in Synapse.
func (s *Server) countManagement(r *request) error {
	if err := s.authenticate(r, optionalLogin); err != nil {
		return err
	}
	var who any = addressOf(r.http)
	if r.device != nil {
		who = r.device.user
	}
	return s.manage.take(who, s.options.ManagePerSecond, s.options.ManageBurst)
}
