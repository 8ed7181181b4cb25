// Writes anrf/testdata/cases/regex/syntax.json: regular expressions as Go's package regexp reads and matches them. It has the
// syntax of RE2 and its leftmost-first matches, and knows nothing of this project.
//
//	go run anrf/testdata/make/regex.go > anrf/testdata/cases/regex/syntax.json
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"regexp"
	"strings"
	"unicode"
)

// Patterns, the texts that each is tried on, and what both are about.
var themes = []struct {
	name     string
	patterns []string
	texts    []string
}{
	{"characters", []string{`a`, `.`, `ab`, `\.`, `\x41`, `\x{1F600}`, `\a\f\t\n\r\v`, `\101`, `\Qa.b\E`, `\Q.*`, `é`, `😀`, `a\/b`, `\-`, `\_`, `\{`, `a b`, "\t"},
		[]string{"", "a", "xaby", "A.b", "a.b", "\a\f\t\n\r\v", "é😀", "a\nb", "-_{/", "a/b a b", "\t"}},
	{"choices", []string{`a|b`, `a|ab`, `ab|a`, `(a|ab)(c|bcd)`, `|a`, `a|`, `(|a)b`, `abc|abd|x`, `(a)|(b)|(c)`, `(?:a|b)+c`, `x*|b`},
		[]string{"", "ab", "abc", "abcd", "b", "xabd", "c", "aabbc", "xxb"}},
	{"repetition", []string{`a*`, `a+`, `a?`, `a*?`, `a+?`, `a??`, `a{2}`, `a{2,}`, `a{1,2}`, `a{0}`, `a{,2}`, `(a*)*`, `(a*)+`, `(a|b)*?c`, `(ab){2}`, `a{2,3}?`, `(a{2}){2}`, `(?:a?){3}`, `x{0,1}y`, `a{1`, `a{b}`},
		[]string{"", "a", "aa", "aaa", "aaaa", "baaac", "abab", "y", "xy", "a{,2}", "a{1", "a{b}"}},
	{"classes", []string{`[abc]`, `[^abc]`, `[a-c]+`, `[a-cx-z]`, `[\d]`, `[^\d]`, `[\w-]+`, `[]a]`, `[^]a]`, `[a\]]`, `[-a]`, `[a-]`, `[\x41-\x43]`, `[😀-😃]`, `[[:alpha:]]+`, `[[:^alpha:]]`, `[[:digit:][:space:]]+`, `[[:word:]]`, `[\n]`, `[^\n]`, `\d+`, `\D`, `\s`, `\S+`, `\w+`, `\W`, `[é-ü]`, `[^a]`, `[.]`, `[*+]`},
		[]string{"", "abc", "xyz", "42", "a-b_c", "]", "-", "ABC", "😀😁", " \n\t", "é1", "x.y", "*+", "٣"}},
	{"Unicode classes", []string{`\pL+`, `\PL`, `\p{Greek}+`, `\P{Greek}`, `\p{Lu}`, `[\p{Lu}\d]+`, `\p{^Greek}`, `[^\pL]`, `\p{Han}`, `\pN+`},
		[]string{"", "abc", "αβγ", "ABC1", "漢字", "1²", "_", "É"}},
	{"anchors", []string{`^a`, `a$`, `^$`, `^`, `$`, `\Aa`, `a\z`, `(?m)^a`, `(?m)a$`, `(?m)^$`, `\ba`, `a\b`, `\Ba`, `\b`, `^a$`, `(?m)^b$`, `a\z\n`, `(^a|b$)`, `^^a`, `a$$`},
		[]string{"", "a", "ba", "ab", "a\nb", "b\na", "a\n", "\n", "a b", "é a", "aa"}},
	{"flags", []string{`(?i)abc`, `(?i)[a-c]+`, `(?s)a.b`, `a.b`, `(?U)a+`, `(?U)a+?`, `(?i:a)b`, `a(?i)b`, `(?i)é`, `(?i)ß`, `(?i)k`, `(?-i)a`, `(?ims)^A.B$`, `(?i)[^a]`, `(?i:A)|b`, `(?s).+`, `(?i)\x{17F}`, `(?i)[k]`},
		[]string{"", "ABC", "aBc", "a\nb", "aaa", "Ab", "aB", "É", "ẞ", "\u212A", "S", "x", "b", "ſ"}},
	{"groups", []string{`(a)(b)?`, `(?P<x>a)`, `(?<x>a)b`, `((a)b)`, `(a)|b`, `(?:a)(b)`, `()a`, `(a*)(a*)`, `(a+?)(a*)`, `(a)*`, `(?:(a)|(b))*`, `((a)|b)*`, `(a|(b))+`, `(\w+)@(\w+)\.com`, `(\d{4})-(\d\d)-(\d\d)`, `(?:(\w)(\w))+`},
		[]string{"", "a", "ab", "b", "aab", "ba", "abab", "me@example.com", "on 2026-11-22", "abcde"}},
}

// Patterns that are not read, and near ones that are.
var doubtful = []string{
	`(`, `)`, `(a`, `a)`, `[a`, `[`, `[]`, `[^]`, `]`, `}`, `{`, `a{2`, `*`, `+a`, `?`, `a**`, `a*+`, `a+*`, `a??*`, `a{2}{3}`, `a{1001}`, `a{1000}`, `a{2,1}`, `a{0,1001}`,
	`(?=a)`, `(?!a)`, `(?<=a)`, `(?<!a)`, `(?>a)`, `(?#c)`, `(?P<n>a)(?P<n>b)`, `(?P<1>a)`, `(?P<>a)`, `(?Pn)`, `(?P=n)`, `(?x)a`, `(?z)a`, `(?i`, `(?-)a`, `(?i-)a`, `(?)`,
	`\1`, `\8`, `\`, `a\`, `\c`, `\e`, `\h`, `\G`, `\X`, `\Z`, `\y`, `\<`, `\_`, `\é`, `\x`, `\x4`, `\x{}`, `\x{110000}`, `\x{D800}`, `\u0041`, `\p`, `\pX`, `\p{Nope}`, `\p{L`, `\pé`,
	`[b-a]`, `[a-\d]`, `[\d-z]`, `[[:nope:]]`, `[[:alpha:]`, `[a-a]`, `[\b]`, `[\Q]\E]`, `\Qab`, `|`, `||`, `()`, `(|)`, `(?:)`, `^*`, `$+`, `\b*`, `(?i)(?s)`, `a|*`, `(*)`, `((((((((((a))))))))))`,
}

// Patterns made by chance, the same for the same seed: groups in loops that may take nothing are where engines part.
func randomPattern(random *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{"a", "b", "c", ".", "[ab]", "[^a]", "", "^", "$", `\b`}[random.Intn(10)]
	}
	inner := func() string { return randomPattern(random, depth-1) }
	switch random.Intn(7) {
	case 0:
		return inner() + inner()
	case 1:
		return "(?:" + inner() + "|" + inner() + ")"
	case 2, 3:
		return "(" + inner() + ")"
	case 4:
		return "(" + inner() + "|" + inner() + ")" + []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}"}[random.Intn(10)]
	case 5:
		return "(?:" + inner() + ")" + []string{"*", "+", "?", "*?", "{1,2}"}[random.Intn(5)]
	default:
		return inner()
	}
}

func randomTests() []test {
	random := rand.New(rand.NewSource(12))
	tests := []test{}
	for len(tests) < 600 {
		pattern := randomPattern(random, 3)
		texts := []string{}
		for len(texts) < 2 {
			s := ""
			for at := random.Intn(7); at > 0; at-- {
				s += string("abc"[random.Intn(3)])
			}
			texts = append(texts, s)
		}
		if _, err := regexp.Compile(pattern); err == nil && len(pattern) > 4 {
			tests = append(tests, groupTests(pattern, texts)...)
		}
	}
	return tests
}

// Letters with more than two cases, each as a pattern and as a text. Unicode 15 has them all.
func foldingTests() []test {
	tests := []test{}
	for r := rune(0); r < 0x20000; r++ {
		orbit := []rune{r}
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			orbit = append(orbit, next)
		}
		if len(orbit) > 2 && orbit[0] < orbit[1] {
			for _, other := range orbit {
				tests = append(tests, groupTests("(?i)^"+string(other)+"+$", []string{string(orbit)})...)
			}
		}
	}
	for _, pattern := range []string{"(?i)i", "(?i)\u0130", "(?i)\u0131", "(?i)I"} {
		tests = append(tests, groupTests(pattern, []string{"i", "I", "\u0130", "\u0131"})...)
	}
	return tests
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// A string of the language: what JSON escapes and the language does not becomes \u{…}.
func literal(pattern string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range pattern {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&out, `\u{%x}`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String() + `"`
}

func groupsOf(re *regexp.Regexp, s string) any {
	found := re.FindStringSubmatchIndex(s)
	if found == nil {
		return nil
	}
	groups := []any{}
	for at := 0; at < len(found); at += 2 {
		if found[at] < 0 {
			groups = append(groups, nil)
		} else {
			groups = append(groups, s[found[at]:found[at+1]])
		}
	}
	return groups
}

type test struct {
	program, args, expect string
}

func testOf(result, call, s string, value any) test {
	program := fmt.Sprintf("fn f(a: string) -> %s { %s }", result, call)
	return test{program, text([]string{s}), `{"value": ` + text(value) + `}`}
}

func groupTests(pattern string, texts []string) []test {
	re := regexp.MustCompile(pattern)
	tests := []test{}
	for _, s := range texts {
		tests = append(tests, testOf("option<list<option<string>>>", "Regex.groups(a, "+literal(pattern)+")", s, groupsOf(re, s)))
	}
	return tests
}

func testsOf(pattern string, texts []string) []test {
	re := regexp.MustCompile(pattern)
	use := literal(pattern)
	tests := groupTests(pattern, texts)
	add := func(result, call, s string, value any) {
		tests = append(tests, testOf(result, call, s, value))
	}
	// What follows an empty match is a choice of each library; without one there is nothing to choose.
	if !re.MatchString("") && !strings.ContainsAny(pattern, "*?^$") && !strings.Contains(pattern, `\b`) && !strings.Contains(pattern, "{0") {
		all := strings.Join(texts, "~")
		found := re.FindAllString(all, -1)
		if found == nil {
			found = []string{}
		}
		add("list<string>", "Regex.find_all(a, "+use+")", all, found)
		add("list<string>", "Regex.split(a, "+use+")", all, re.Split(all, -1))
		add("string", "Regex.replace(a, "+use+`, "<$0>")`, all, re.ReplaceAllString(all, "<${0}>"))
	}
	return tests
}

func section(name string, tests []test) string {
	lines := []string{}
	for at, one := range tests {
		args := ""
		if one.args != "" {
			args = `"args": ` + one.args + ", "
		}
		lines = append(lines, fmt.Sprintf(`  {"name": "%d", "text": %s, %s"expect": %s}`, at+1, text(one.program), args, one.expect))
	}
	return fmt.Sprintf(" {\"name\": %s, \"tests\": [\n%s\n ]}", text(name), strings.Join(lines, ",\n"))
}

func main() {
	sections := []string{}
	for _, theme := range themes {
		tests := []test{}
		for _, pattern := range theme.patterns {
			tests = append(tests, testsOf(pattern, theme.texts)...)
		}
		sections = append(sections, section(theme.name, tests))
	}
	sections = append(sections, section("by chance", randomTests()), section("folding", foldingTests()))
	tests := []test{}
	for _, pattern := range doubtful {
		program := "fn f(a: string) -> bool { Regex.matches(a, " + literal(pattern) + ") }"
		if re, err := regexp.Compile(pattern); err == nil {
			tests = append(tests, test{program, `["ab]}{2_"]`, fmt.Sprintf(`{"value": %v}`, re.MatchString("ab]}{2_"))})
		} else {
			tests = append(tests, test{program, "", `{"rule_id": "V11"}`})
		}
	}
	sections = append(sections, section("what is read at all", tests))
	fmt.Printf("{\"name\": \"regular expressions\", \"sections\": [\n%s\n]}\n", strings.Join(sections, ",\n"))
}
