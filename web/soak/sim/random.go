package sim

// stream is a source of numbers that a seed decides (splitmix64). Each purpose
// has its own, so that one more draw here moves nothing there.
type stream struct{ state uint64 }

// newStream makes the stream of a purpose.
func newStream(seed, purpose uint64) stream {
	return stream{mix(mix(seed) + purpose)}
}

func (s *stream) next() uint64 {
	s.state += 0x9e3779b97f4a7c15
	return mix(s.state)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is a number in [0, 1).
func (s *stream) unit() float64 { return float64(s.next()>>11) / (1 << 53) }

func (s *stream) between(lo, hi float64) float64 { return lo + s.unit()*(hi-lo) }

func (s *stream) below(n int) int { return int(s.next() % uint64(n)) }

func (s *stream) chance(p float64) bool { return s.unit() < p }

// oneOf picks an element.
func oneOf[T any](s *stream, list ...T) T { return list[s.below(len(list))] }

// among picks a number.
func (s *stream) among(list ...float64) float64 { return oneOf(s, list...) }

// weighted picks an index by weight.
func (s *stream) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := s.unit() * sum
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return len(weights) - 1
}
