#include "foundation/rules/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <sstream>

#include "base/yaml_lines.h"
#include "foundation/schema/decimal.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxBytes = 8 * 1024 * 1024;
constexpr std::size_t kMaxNodes = 400'000;
constexpr std::size_t kMaxDepth = 32;

std::string place(const std::string& file, int line, int column) {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

// Thrown through the YAML library and caught below; never leaves this file.
struct Refused {
  Code code;
  YAML::Mark mark;
  std::string what;
};

// Builds the tree from events; open_ is the path from the root to the container being filled.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : lines_(text) {}
  Yaml take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw Refused{Code::kMalformed, mark, "a second document; expected one document a file"};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(Yaml::Kind::kNull, mark, anchor), mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    if (mark.line >= 0 && !lines_.ends_on_its_line(static_cast<std::size_t>(mark.line),
                                                   static_cast<std::size_t>(mark.column), value)) {
      throw Refused{Code::kMalformed, mark, std::string(kOverSeveralLines)};
    }
    Yaml node = make(Yaml::Kind::kScalar, mark, anchor);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(make(Yaml::Kind::kList, mark, anchor), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(make(Yaml::Kind::kMap, mark, anchor), mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Yaml node;
    Yaml key;
    bool has_key = false;
    std::vector<std::size_t> hashes;  // of the keys so far, sorted
  };

  static void refuse_anchor(const YAML::Mark& mark) {
    throw Refused{Code::kMalformed, mark, "an anchor or alias; write the value out"};
  }
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{Code::kMalformed, mark, "a tag; expected plain YAML"};
    }
  }

  Yaml make(Yaml::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      refuse_anchor(mark);
    }
    if (++nodes_ > kMaxNodes) {
      throw Refused{Code::kTooLarge, mark, "more than 400000 values"};
    }
    Yaml node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(Yaml node, const YAML::Mark& mark) {
    if (open_.size() >= kMaxDepth) {
      throw Refused{Code::kTooLarge, mark, "more than 32 levels"};
    }
    if (!open_.empty() && awaits_key()) {
      throw Refused{Code::kMalformed, mark, "a list or map as a key; expected a name"};
    }
    open_.push_back({std::move(node), {}, false, {}});
  }

  void close() {
    Yaml done = std::move(open_.back().node);
    open_.pop_back();
    const YAML::Mark mark;
    add(std::move(done), mark);
  }

  bool awaits_key() const {
    return open_.back().node.kind == Yaml::Kind::kMap && !open_.back().has_key;
  }

  void add(Yaml node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& top = open_.back();
    if (top.node.kind == Yaml::Kind::kList) {
      top.node.items.push_back(std::move(node));
    } else if (!top.has_key) {
      set_key(top, std::move(node), mark);
    } else {
      if (node.kind == Yaml::Kind::kNull) {
        node.line = top.key.line;  // what is not there stands where its key does
        node.column = top.key.column;
      }
      top.node.members.emplace_back(std::move(top.key), std::move(node));
      top.has_key = false;
    }
  }

  static void set_key(Open& top, Yaml key, const YAML::Mark& mark) {
    if (key.kind != Yaml::Kind::kScalar) {
      throw Refused{Code::kMalformed, mark, "an empty key; expected a name"};
    }
    const std::size_t hash = std::hash<std::string>{}(key.text);
    const auto at = std::lower_bound(top.hashes.begin(), top.hashes.end(), hash);
    if (at != top.hashes.end() && *at == hash && top.node.find(key.text) != nullptr) {
      throw Refused{Code::kMalformed, mark, "key \"" + key.text + "\" stands twice"};
    }
    top.hashes.insert(at, hash);
    top.key = std::move(key);
    top.has_key = true;
  }

  const YamlLines lines_;
  Yaml root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

bool looks_like_another_type(const std::string& text) {
  std::string lower;
  for (const char c : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  constexpr std::array<std::string_view, 8> kWords{"yes",  "no",    "on",   "off",
                                                   "true", "false", "null", "~"};
  if (std::find(kWords.begin(), kWords.end(), lower) != kWords.end()) {
    return true;
  }
  if (lower.ends_with(".inf") || lower == ".nan") {
    return true;
  }
  const std::size_t first = lower.find_first_not_of("+-.");
  if (first == std::string::npos || first > 2 ||
      !std::isdigit(static_cast<unsigned char>(lower[first]))) {
    return false;
  }
  return lower.find_first_not_of("+-.0123456789abcdefox_", 0) == std::string::npos &&
         (lower.find_first_of("abcdef") == std::string::npos || lower[first] == '0' ||
          schema::Decimal::from_text(lower.substr(first)).has_value());
}

Result<json::Value> scalar_to_json(const std::string& file, const Yaml& node) {
  if (node.quoted) {
    return json::Value(node.text);
  }
  if (node.text == "true" || node.text == "false") {
    return json::Value(node.text == "true");
  }
  const char first = node.text.empty() ? ' ' : node.text.front();
  if (first == '-' || std::isdigit(static_cast<unsigned char>(first))) {
    if (Result<json::Parsed> parsed = json::parse(node.text); parsed && parsed->value.is_number()) {
      if (!parsed->lossy_numbers.empty()) {
        return fail_in(file, node, "number " + node.text + " cannot be held exactly");
      }
      return parsed->value;
    }
  }
  if (looks_like_another_type(node.text)) {
    return fail_in(file, node,
                   "\"" + node.text +
                       "\" can be read in two ways; quote it if it is "
                       "text, else write true, false or a JSON number");
  }
  return json::Value(node.text);
}

}  // namespace

Yaml::Yaml() = default;
Yaml::~Yaml() = default;
Yaml::Yaml(const Yaml& other) = default;
Yaml::Yaml(Yaml&& other) noexcept = default;
Yaml& Yaml::operator=(const Yaml& other) = default;
Yaml& Yaml::operator=(Yaml&& other) noexcept = default;

const Yaml* Yaml::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.text == key) {
      return &value;
    }
  }
  return nullptr;
}

tl::unexpected<Error> fail_in(const std::string& file, const Yaml& at, const std::string& what) {
  return fail(Code::kMalformed, place(file, at.line, at.column) + what);
}

Result<Yaml> parse_yaml(const std::string& file, const std::string& text) {
  if (text.size() > kMaxBytes) {
    return fail(Code::kTooLarge, place(file, 1, 1) + "more than 8 MiB");
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
    const int line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + nul, '\n'));
    return fail(Code::kMalformed, place(file, line, 1) + "a NUL byte; expected YAML text");
  }
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    Builder builder(text);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    return fail(refused.code,
                place(file, refused.mark.line + 1, refused.mark.column + 1) + refused.what);
  } catch (const YAML::Exception& error) {
    return fail(Code::kMalformed,
                place(file, error.mark.line + 1, error.mark.column + 1) + "YAML: " + error.msg);
  } catch (const std::exception& error) {
    return fail(Code::kMalformed, place(file, 1, 1) + "YAML: " + error.what());
  }
}

Result<json::Value> to_json(const std::string& file, const Yaml& node) {
  switch (node.kind) {
    case Yaml::Kind::kNull:
      return json::Value(nullptr);
    case Yaml::Kind::kScalar:
      return scalar_to_json(file, node);
    case Yaml::Kind::kList: {
      json::Array array;
      for (const Yaml& item : node.items) {
        Result<json::Value> value = to_json(file, item);
        if (!value) {
          return value;
        }
        array.push_back(std::move(*value));
      }
      return json::Value(std::move(array));
    }
    case Yaml::Kind::kMap: {
      json::Object object;
      for (const auto& [key, member] : node.members) {
        Result<json::Value> value = to_json(file, member);
        if (!value) {
          return value;
        }
        object[key.text] = std::move(*value);
      }
      return json::Value(std::move(object));
    }
  }
  return fail(Code::kInternal, "unreachable");
}

}  // namespace pawl::rules
