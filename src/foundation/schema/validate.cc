#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "foundation/schema/equality.h"
#include "foundation/schema/instance.h"
#include "foundation/schema/node.h"
#include "foundation/schema/schema.h"

namespace pawl::schema {
namespace {

constexpr std::size_t kMaxSteps = 200'000;
constexpr int kMaxDepth = 400;

Verdict from(bool ok) {
  return ok ? Verdict::kValid : Verdict::kInvalid;
}

std::string_view view(const json::Value& text) {
  return {text.get_string().data(), text.get_string().size()};
}

bool within(std::uint64_t size, const SizeBounds& bounds) {
  return (!bounds.min || size >= *bounds.min) && (!bounds.max || size <= *bounds.max);
}

// Each test of a node is a conjunct: invalid beats indeterminate beats valid.
class Run {
 public:
  explicit Run(const std::vector<Node>& nodes) : nodes_(nodes) {}

  Verdict check(NodeId id, const json::Value& value, const Place& place);
  Report report(Verdict verdict) && {
    if (verdict == Verdict::kValid) {
      return {verdict, "", ""};
    }
    auto& [pointer, keyword] = verdict == Verdict::kInvalid ? invalid_ : undecided_;
    return {verdict, std::move(pointer), std::move(keyword)};
  }

 private:
  bool spend(std::size_t steps) {
    steps_ += steps;
    return steps_ <= kMaxSteps;
  }
  void note(Verdict verdict, const Place& place, std::string_view keyword) {
    auto& first = verdict == Verdict::kInvalid ? invalid_ : undecided_;
    if (quiet_ == 0 && first.second.empty()) {
      first = {pointer_of(&place), std::string(keyword)};
    }
  }
  // Merges a conjunct into `all`; false when the rest need not be looked at.
  bool merge(Verdict& all, Verdict one, const Place& place, std::string_view keyword) {
    if (one == Verdict::kValid) {
      return true;
    }
    note(one, place, keyword);
    all = one == Verdict::kInvalid ? Verdict::kInvalid : all == Verdict::kInvalid ? all : one;
    return all != Verdict::kInvalid;
  }
  bool merge(Verdict& all, bool ok, const Place& place, std::string_view keyword) {
    return merge(all, from(ok), place, keyword);
  }
  Verdict quietly(NodeId id, const json::Value& value, const Place& place) {
    ++quiet_;
    const Verdict verdict = check(id, value, place);
    --quiet_;
    return verdict;
  }

  bool values(const Node& n, Verdict& all, const json::Value& v, const Place& p);
  bool number(const NumberTests& n, Verdict& all, const json::Value& v, const Place& p);
  bool string(const StringTests& n, Verdict& all, std::string_view v, const Place& p);
  bool array(const ArrayTests& n, Verdict& all, const json::Array& v, const Place& p);
  bool contained(const ArrayTests& n, Verdict& all, const json::Array& v, const Place& p);
  bool object(const ObjectTests& n, Verdict& all, const json::Object& v, const Place& p);
  bool members(const ObjectTests& n, Verdict& all, const json::Object& v, const Place& p);
  bool dependents(const ObjectTests& n, Verdict& all, const json::Object& v,
                  const json::Value& whole, const Place& p);
  bool combined(const Node& n, Verdict& all, const json::Value& v, const Place& p);
  Verdict any_of(const std::vector<NodeId>& list, const json::Value& v, const Place& p);
  Verdict one_of(const std::vector<NodeId>& list, const json::Value& v, const Place& p);
  Verdict conditional(const Node& n, const json::Value& v, const Place& p);
  Verdict unique(const json::Array& v);

  const std::vector<Node>& nodes_;
  std::size_t steps_ = 0;
  int depth_ = 0;
  int quiet_ = 0;
  std::pair<std::string, std::string> invalid_;
  std::pair<std::string, std::string> undecided_;
};

Verdict Run::check(NodeId id, const json::Value& value, const Place& place) {
  const Node& n = nodes_[id];
  if (n.constant) {
    note(from(*n.constant), place, "false");
    return from(*n.constant);
  }
  if (!spend(1) || depth_ >= kMaxDepth) {
    note(Verdict::kIndeterminate, place, "bound");
    return Verdict::kIndeterminate;
  }
  ++depth_;
  Verdict all = Verdict::kValid;
  if (n.unknown) {
    merge(all, Verdict::kIndeterminate, place, "unsupported");
  }
  bool go_on = (n.types == 0 || merge(all, (n.types & types_of(value)) != 0, place, "type")) &&
               values(n, all, value, place);
  if (go_on && value.is_number()) {
    go_on = number(n.number, all, value, place);
  } else if (go_on && value.is_string()) {
    go_on = string(n.string, all, view(value), place);
  } else if (go_on && value.is_array()) {
    go_on = array(n.array, all, value.get_array(), place);
  } else if (go_on && value.is_object()) {
    go_on = object(n.object, all, value.get_object(), place) &&
            dependents(n.object, all, value.get_object(), value, place);
  }
  if (go_on) {
    combined(n, all, value, place);
  }
  --depth_;
  return all;
}

bool Run::values(const Node& n, Verdict& all, const json::Value& v, const Place& p) {
  if (n.const_value && !merge(all, equal(*n.const_value, v), p, "const")) {
    return false;
  }
  if (!n.enum_values) {
    return true;
  }
  spend(n.enum_values->size());
  const bool found = std::any_of(n.enum_values->begin(), n.enum_values->end(),
                                 [&](const json::Value& one) { return equal(one, v); });
  return merge(all, found, p, "enum");
}

bool Run::number(const NumberTests& n, Verdict& all, const json::Value& v, const Place& p) {
  const Decimal d = Decimal::from_json(v);
  return (!n.minimum || merge(all, compare(d, *n.minimum) >= 0, p, "minimum")) &&
         (!n.maximum || merge(all, compare(d, *n.maximum) <= 0, p, "maximum")) &&
         (!n.exclusive_minimum ||
          merge(all, compare(d, *n.exclusive_minimum) > 0, p, "exclusiveMinimum")) &&
         (!n.exclusive_maximum ||
          merge(all, compare(d, *n.exclusive_maximum) < 0, p, "exclusiveMaximum")) &&
         (!n.multiple_of || merge(all, is_multiple(d, *n.multiple_of), p, "multipleOf"));
}

bool Run::string(const StringTests& n, Verdict& all, std::string_view v, const Place& p) {
  if (n.length.min || n.length.max) {
    const std::uint64_t length = code_points(v);
    const bool enough = !n.length.min || length >= *n.length.min;
    if (!merge(all, within(length, n.length), p, enough ? "maxLength" : "minLength")) {
      return false;
    }
  }
  spend(v.size() / 256);
  return !n.pattern ||
         merge(all, RE2::PartialMatch(re2::StringPiece(v.data(), v.size()), *n.pattern), p,
               "pattern");
}

bool Run::array(const ArrayTests& n, Verdict& all, const json::Array& v, const Place& p) {
  const bool enough = !n.size.min || v.size() >= *n.size.min;
  if (!merge(all, within(v.size(), n.size), p, enough ? "maxItems" : "minItems")) {
    return false;
  }
  for (std::size_t i = 0; i < v.size(); ++i) {
    const NodeId id = i < n.prefix_items.size() ? n.prefix_items[i] : n.items;
    if (id == kNone) {
      break;
    }
    if (!merge(all, check(id, v[i], Place{&p, {}, i, true}), p, "items")) {
      return false;
    }
  }
  return contained(n, all, v, p) && (!n.unique || merge(all, unique(v), p, "uniqueItems"));
}

bool Run::contained(const ArrayTests& n, Verdict& all, const json::Array& v, const Place& p) {
  if (n.contains == kNone) {
    return true;
  }
  std::uint64_t surely = 0;
  std::uint64_t perhaps = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const Verdict one = quietly(n.contains, v[i], Place{&p, {}, i, true});
    surely += one == Verdict::kValid ? 1 : 0;
    perhaps += one != Verdict::kInvalid ? 1 : 0;
  }
  const std::uint64_t min = n.contained.min.value_or(1);
  const std::uint64_t max = n.contained.max.value_or(v.size());
  if (perhaps < min || surely > max) {
    return merge(all, false, p, "contains");
  }
  const bool sure = surely >= min && perhaps <= max;
  return merge(all, sure ? Verdict::kValid : Verdict::kIndeterminate, p, "contains");
}

Verdict Run::unique(const json::Array& v) {
  std::vector<std::pair<std::size_t, const json::Value*>> hashed;
  for (const json::Value& element : v) {
    hashed.emplace_back(hash(element), &element);
  }
  std::sort(hashed.begin(), hashed.end());
  for (std::size_t i = 0; i < hashed.size(); ++i) {
    for (std::size_t j = i + 1; j < hashed.size() && hashed[j].first == hashed[i].first; ++j) {
      if (!spend(1)) {
        return Verdict::kIndeterminate;
      }
      if (equal(*hashed[i].second, *hashed[j].second)) {
        return Verdict::kInvalid;
      }
    }
  }
  return Verdict::kValid;
}

bool Run::object(const ObjectTests& n, Verdict& all, const json::Object& v, const Place& p) {
  const bool enough = !n.size.min || v.size() >= *n.size.min;
  if (!merge(all, within(v.size(), n.size), p, enough ? "maxProperties" : "minProperties")) {
    return false;
  }
  for (const std::string& name : n.required) {
    if (!merge(all, v.contains(name), p, "required")) {
      return false;
    }
  }
  for (const auto& [name, needed] : n.dependent_required) {
    for (const std::string& other : needed) {
      if (v.contains(name) && !merge(all, v.contains(other), p, "dependentRequired")) {
        return false;
      }
    }
  }
  return members(n, all, v, p);
}

bool Run::members(const ObjectTests& n, Verdict& all, const json::Object& v, const Place& p) {
  if (n.properties.empty() && n.pattern_properties.empty() && n.additional == kNone &&
      n.names == kNone) {
    return true;
  }
  for (const auto& member : v) {
    const std::string_view key(member.key().data(), member.key().size());
    const Place at{&p, key, 0, false};
    if (n.names != kNone &&
        !merge(all, check(n.names, json::Value(member.key()), at), at, "propertyNames")) {
      return false;
    }
    bool covered = false;
    if (const auto found = n.properties.find(key); found != n.properties.end()) {
      covered = true;
      if (!merge(all, check(found->second, member.value(), at), at, "properties")) {
        return false;
      }
    }
    for (const auto& [pattern, id] : n.pattern_properties) {
      spend(1);
      if (!RE2::PartialMatch(re2::StringPiece(key.data(), key.size()), *pattern)) {
        continue;
      }
      covered = true;
      if (!merge(all, check(id, member.value(), at), at, "patternProperties")) {
        return false;
      }
    }
    if (!covered && n.additional != kNone && n.all_patterns_known &&
        !merge(all, check(n.additional, member.value(), at), at, "additionalProperties")) {
      return false;
    }
  }
  return true;
}

bool Run::dependents(const ObjectTests& n, Verdict& all, const json::Object& v,
                     const json::Value& whole, const Place& p) {
  for (const auto& [name, id] : n.dependent_schemas) {
    if (v.contains(name) && !merge(all, check(id, whole, p), p, "dependentSchemas")) {
      return false;
    }
  }
  return true;
}

bool Run::combined(const Node& n, Verdict& all, const json::Value& v, const Place& p) {
  if (n.ref != kNone && !merge(all, check(n.ref, v, p), p, "$ref")) {
    return false;
  }
  for (const NodeId id : n.all_of) {
    if (!merge(all, check(id, v, p), p, "allOf")) {
      return false;
    }
  }
  if (!n.any_of.empty() && !merge(all, any_of(n.any_of, v, p), p, "anyOf")) {
    return false;
  }
  if (!n.one_of.empty() && !merge(all, one_of(n.one_of, v, p), p, "oneOf")) {
    return false;
  }
  if (n.not_node != kNone) {
    const Verdict inner = quietly(n.not_node, v, p);
    const Verdict outer =
        inner == Verdict::kIndeterminate ? inner : from(inner == Verdict::kInvalid);
    if (!merge(all, outer, p, "not")) {
      return false;
    }
  }
  return n.if_node == kNone || merge(all, conditional(n, v, p), p, "if");
}

Verdict Run::any_of(const std::vector<NodeId>& list, const json::Value& v, const Place& p) {
  Verdict best = Verdict::kInvalid;
  for (const NodeId id : list) {
    const Verdict one = quietly(id, v, p);
    if (one == Verdict::kValid) {
      return one;
    }
    best = one == Verdict::kIndeterminate ? one : best;
  }
  return best;
}

Verdict Run::one_of(const std::vector<NodeId>& list, const json::Value& v, const Place& p) {
  int surely = 0;
  int perhaps = 0;
  for (const NodeId id : list) {
    const Verdict one = quietly(id, v, p);
    surely += one == Verdict::kValid ? 1 : 0;
    perhaps += one != Verdict::kInvalid ? 1 : 0;
  }
  if (surely > 1 || perhaps == 0) {
    return Verdict::kInvalid;
  }
  return surely == 1 && perhaps == 1 ? Verdict::kValid : Verdict::kIndeterminate;
}

// When the condition itself cannot be decided, only an answer that both branches give counts.
Verdict Run::conditional(const Node& n, const json::Value& v, const Place& p) {
  const auto branch = [&](NodeId id) { return id == kNone ? Verdict::kValid : check(id, v, p); };
  const Verdict condition = quietly(n.if_node, v, p);
  if (condition != Verdict::kIndeterminate) {
    return branch(condition == Verdict::kValid ? n.then_node : n.else_node);
  }
  ++quiet_;
  const Verdict then_verdict = branch(n.then_node);
  const Verdict else_verdict = branch(n.else_node);
  --quiet_;
  return then_verdict == else_verdict ? then_verdict : Verdict::kIndeterminate;
}

}  // namespace

Report Schema::validate(const json::Value& value) const {
  Run run(nodes_);
  const Place root;
  const Verdict verdict = run.check(0, value, root);
  return std::move(run).report(verdict);
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "valid";
    case Verdict::kInvalid:
      return "invalid";
    case Verdict::kIndeterminate:
      return "indeterminate";
  }
  return "indeterminate";
}

}  // namespace pawl::schema
