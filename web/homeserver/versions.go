package homeserver

const (
	capabilityDelayed = "org.matrix.msc4140.delayed_events"
	featureDelayed    = "org.matrix.msc4140"
	featureSticky     = "org.matrix.msc4354"
	roomVersion       = "11"
)

func (s *Server) getVersions(*request) (any, error) {
	return map[string]any{
		"versions": []string{"r0.6.1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.6", "v1.7", "v1.8", "v1.9", "v1.10", "v1.11"},
		"unstable_features": map[string]bool{
			featureDelayed: !s.options.NoDelayedEvents,
			featureSticky:  true,
		},
	}, nil
}

// getCapabilities names what Synapse names; what this server has no endpoint for is not enabled. A max_delay_ms of 0 means off.
func (s *Server) getCapabilities(*request) (any, error) {
	off := map[string]bool{"enabled": false}
	maxDelay := s.options.MaxDelayMs
	if s.options.NoDelayedEvents {
		maxDelay = 0
	}
	return map[string]any{"capabilities": map[string]any{
		"m.room_versions":   map[string]any{"default": roomVersion, "available": map[string]string{roomVersion: "stable"}},
		"m.change_password": off,
		"m.set_displayname": off,
		"m.set_avatar_url":  off,
		"m.3pid_changes":    off,
		"m.get_login_token": off,
		"m.profile_fields":  off,
		capabilityDelayed:   map[string]any{"max_delay_ms": maxDelay, "max_scheduled": s.options.MaxScheduled},
	}}, nil
}
