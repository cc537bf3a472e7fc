#include "foundation/ledger/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace pawl::ledger {

Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!whole || (text.size() > 1 && text[0] == '0') || value >> 63 != 0) {
    return fail(Code::kMalformed, "expected a decimal number without leading zeros");
  }
  return value;
}

Result<Digest> parse_digest(std::string_view text) {
  Result<std::string> bytes = base64_decode(text);
  if (!bytes || bytes->size() != Digest{}.size()) {
    return fail(Code::kMalformed, "expected base64 of 32 bytes");
  }
  Digest digest;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

std::string print_head(const TreeHead& head) {
  std::string text =
      head.origin + "\n" + std::to_string(head.size) + "\n" + base64_encode(view(head.root)) + "\n";
  for (const std::string& line : head.extensions) {
    text += line + "\n";
  }
  return text;
}

Result<TreeHead> parse_head(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == text.npos || end == 0) {
      return fail(Code::kMalformed, "checkpoint: a line is empty or has no newline");
    }
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 3) {
    return fail(Code::kMalformed, "checkpoint: expected origin, size and root, one line each");
  }
  Result<std::uint64_t> size = parse_decimal(lines[1]);
  if (!size) {
    return fail_at("checkpoint: line 2 (tree size)", size.error());
  }
  Result<Digest> root = parse_digest(lines[2]);
  if (!root) {
    return fail_at("checkpoint: line 3 (root hash)", root.error());
  }
  return TreeHead{std::string(lines[0]), *size, *root, {lines.begin() + 3, lines.end()}};
}

Result<TreeHead> read_checkpoint(std::string_view note) {
  Result<Note> parsed = parse_note(note);
  if (!parsed) {
    return fail(parsed.error());
  }
  return parse_head(parsed->text);
}

Result<TreeHead> open_checkpoint(std::string_view note, const VerifierKey& trusted) {
  Result<Note> opened = open_note(note, trusted);
  if (!opened) {
    return fail(opened.error());
  }
  Result<TreeHead> head = parse_head(opened->text);
  if (head && head->origin != trusted.name) {
    return fail(Code::kBadSignature,
                "the checkpoint is of the log " + head->origin + ", not of " + trusted.name);
  }
  return head;
}

}  // namespace pawl::ledger
