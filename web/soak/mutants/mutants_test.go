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
		if program, name, _ := strings.Cut(m.finder, " "); m.finder != inSoak && !hasTest(t, program, name) {
			t.Errorf("%s: there is no test %s", m.name, m.finder)
		}
	}
	if len(mutations) < 12 {
		t.Errorf("only %d mutations", len(mutations))
	}
}

// hasTest reports whether the program has a test of the name.
func hasTest(t *testing.T, program, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", program, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
