package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryMutationCanBeApplied(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutations {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(m.file)))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), m.old); n != 1 {
			t.Errorf("%s: %q stands %d times in %s", m.name, m.old, n, m.file)
		}
		if m.old == m.new || len(m.caughtBy) == 0 || names[m.name] {
			t.Errorf("%s: changes nothing, is expected to be caught by nothing, or is named twice", m.name)
		}
		names[m.name] = true
	}
	if len(mutations) < 12 {
		t.Errorf("only %d mutations", len(mutations))
	}
}
