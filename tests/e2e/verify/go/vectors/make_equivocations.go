package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// history is a log whose entries are other ones from `fork` on.
type history struct{ store hashes }

func newHistory(size, fork int64) history {
	var h history
	for i := int64(0); i < size; i++ {
		data := entry(i)
		if i >= fork {
			data = append([]byte("other "), data...)
		}
		add, err := tlog.StoredHashesForRecordHash(i, tlog.RecordHash(data), h.store)
		check(err)
		h.store = append(h.store, add...)
	}
	return h
}

func (h history) root(size int64) tlog.Hash {
	hash, err := tlog.TreeHash(size, h.store)
	check(err)
	return hash
}

func (h history) head(size int64, signers ...note.Signer) string {
	hash := h.root(size)
	return headOf(size, hash, signers...)
}

func headOf(size int64, hash tlog.Hash, signers ...note.Signer) string {
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(hash[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	check(err)
	return string(signed)
}

// rfcProof is PROOF(older, D[newer]) of RFC 6962.
func (h history) rfcProof(older, newer int64) []string {
	proof, err := tlog.ProveTree(newer, older, h.store)
	check(err)
	list := []string{}
	for _, hash := range proof {
		list = append(list, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return list
}

// proof has the older tree's root first where RFC 6962 leaves it out.
func (h history) proof(older, newer int64) []string {
	list := h.rfcProof(older, newer)
	if bits.OnesCount64(uint64(older)) == 1 {
		hash := h.root(older)
		list = append([]string{base64.StdEncoding.EncodeToString(hash[:])}, list...)
	}
	return list
}

type evidence struct {
	Format string   `json:"format"`
	Notes  []string `json:"notes"`
	Proof  []string `json:"proof,omitempty"`
}

type evidenceCase struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Text    string `json:"text"`
}

func encode(value interface{}, indent string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", indent)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	return out.String()
}

// makeEquivocations writes equivocations.json: files of evidence, and whether each proves that the
// log signed two histories.
func makeEquivocations(root string, log, stranger note.Signer, logKey string) {
	const size = 600
	honest := newHistory(size, size)
	at := map[int64]history{0: newHistory(size, 0), 3: newHistory(size, 3), 300: newHistory(size, 300)}
	var cases []evidenceCase
	add := func(name, verdict, older, newer string, proof []string) {
		text := encode(evidence{"pawl.equivocation/1", []string{older, newer}, proof}, "")
		cases = append(cases, evidenceCase{name, verdict, text})
	}
	a := func(size int64) string { return honest.head(size, log) }
	f := func(fork, size int64) string { return at[fork].head(size, log) }
	pair := func(name, verdict string, older, fork, newer int64) {
		add(name, verdict, a(older), f(fork, newer), at[fork].proof(older, newer))
	}

	add("one size", "bad", a(600), f(300, 600), nil)
	add("one size, with a witness's lines", "bad", honest.head(301, log, stranger), f(300, 301), nil)
	add("size 0, two roots", "bad", headOf(0, tlog.Hash{1}, log), headOf(0, tlog.Hash{2}, log), nil)
	pair("7 and 600", "bad", 7, 3, 600)
	pair("a power of two", "bad", 256, 3, 257)
	pair("two powers of two", "bad", 256, 0, 512)
	pair("1 and 2", "bad", 1, 0, 2)
	pair("599 and 600", "bad", 599, 300, 600)
	pair("one history so far", "undecided", 300, 300, 600)
	add("one history", "undecided", a(7), a(600), honest.proof(7, 600))
	add("one history, a power of two", "undecided", a(256), a(600), honest.proof(256, 600))
	add("one head twice", "undecided", a(600), honest.head(600, log, stranger), nil)
	add("without the first hash", "undecided", a(256), f(3, 600), at[3].rfcProof(256, 600))
	add("the proof of the other tree", "undecided", a(7), f(3, 600), honest.proof(7, 600))
	long := append(at[3].proof(7, 600), at[3].proof(7, 600)[0])
	add("a hash too many", "undecided", a(7), f(3, 600), long)
	add("a hash too few", "undecided", a(7), f(3, 600), long[:len(long)-2])
	add("without a proof", "undecided", a(7), f(3, 600), nil)
	add("one size, with a proof", "undecided", a(600), f(300, 600), at[3].proof(7, 600))
	add("the larger first", "undecided", f(3, 600), a(7), at[3].proof(7, 600))
	add("signed by somebody else", "undecided", a(600), at[300].head(600, stranger), nil)
	altered := strings.Replace(f(300, 600), "\n600\n", "\n599\n", 1)
	add("another size than was signed", "undecided", a(599), altered, nil)

	good := cases[0].Text
	for _, text := range [][2]string{
		{"another format", strings.Replace(good, "equivocation/1", "equivocation/2", 1)},
		{"no format", strings.Replace(good, `"format":"pawl.equivocation/1",`, "", 1)},
		{"one note", encode(evidence{"pawl.equivocation/1", []string{a(600)}, nil}, "")},
		{"an empty proof", strings.Replace(good, `]}`, `],"proof":[]}`, 1)},
		{"a hash that is none", strings.Replace(good, `]}`, `],"proof":["AA=="]}`, 1)},
		{"a key twice", strings.Replace(good, `]}`, `],"format":"pawl.equivocation/1"}`, 1)},
		{"more behind it", good + "{}"},
		{"cut off", good[:len(good)-3]},
	} {
		cases = append(cases, evidenceCase{text[0], "undecided", text[1]})
	}
	known := strings.Replace(good, `]}`, `],"seen":"by nobody"}`, 1)
	cases = append(cases, evidenceCase{"a member that nobody knows", "bad", known})

	write(root, "equivocations.json", []byte(encode(struct {
		Vkey  string         `json:"vkey"`
		Cases []evidenceCase `json:"cases"`
	}{logKey, cases}, " ")))
}
