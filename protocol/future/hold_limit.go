package future

import "github.com/widget-futures/widget-futures/protocol"

// A timeout above the server's limit is shortened so often at most, and never
// below the floor (design §5.4).
const (
	maxShortenings = 3
	floorMs        = 5000
)

// shorten reports whether the refusal may mean that the timeout is too long,
// and then has a shorter one in force. What the server names is taken; a number
// in its prose is a hint that only the next receipt proves; else it is a guess.
func (h *hold) shorten(err *protocol.Error) bool {
	if !err.MaybeTooLong() || h.shortenings == maxShortenings || h.timeoutMs <= floorMs {
		return false
	}
	limit := err.MaxDelayMs
	if limit == 0 || limit >= h.timeoutMs {
		limit = hint(err.Prose, h.timeoutMs)
	}
	if limit == 0 {
		limit = max(floorMs, float64(int64(h.timeoutMs/10)))
		if h.shortenings == maxShortenings-1 {
			limit = floorMs
		}
	}
	if limit < floorMs {
		return false
	}
	h.shortenings++
	h.timeoutMs = limit
	h.refreshMs = min(h.refreshMs, limit/perTimeout)
	return true
}

// hint is the largest number in the prose that would be a shorter timeout.
func hint(prose string, below float64) float64 {
	best, n, digits := 0.0, 0.0, false
	for i := 0; i <= len(prose); i++ {
		if i < len(prose) && prose[i] >= '0' && prose[i] <= '9' {
			n, digits = n*10+float64(prose[i]-'0'), true
			continue
		}
		if digits && n >= floorMs && n < below && n > best {
			best = n
		}
		n, digits = 0, false
	}
	return best
}
