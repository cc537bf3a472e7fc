#include "foundation/rules/differences.h"

#include <iterator>
#include <string>
#include <utility>

#include "foundation/schema/instance.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kShownBytes = 200;

std::string count(std::size_t n, const char* one) {
  return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

std::string shape(const json::Value& value) {
  if (value.is_string()) {
    const std::string_view text(value.get_string().data(), value.get_string().size());
    return "a text of " + count(schema::code_points(text), "character");
  }
  if (const json::Array* array = value.if_array()) {
    return "a list of " + count(array->size(), "element");
  }
  if (const json::Object* object = value.if_object()) {
    return "an object of " + count(object->size(), "member");
  }
  return value.is_null() ? "null" : value.is_bool() ? "a boolean" : "a number";
}

std::string found(const Atom& atom, const Facts& facts) {
  if (atom.field == Field::kArgument) {
    const json::Value* value = argument_at(facts, atom.path);
    return value == nullptr ? "absent" : shape(*value);
  }
  if (atom.field == Field::kGroup) {
    std::string out;
    for (std::size_t i = 0; facts.groups != nullptr && i < facts.groups->size(); ++i) {
      out += (i == 0 ? "" : ", ") + (*facts.groups)[i].substr(0, kShownBytes);
    }
    return out.empty() ? "absent" : out;
  }
  const std::string_view text = fact(facts, atom.field);
  return text.empty() ? "absent" : std::string(text.substr(0, kShownBytes));
}

}  // namespace

std::vector<Difference> differences(const Condition& condition, Effect effect,
                                    const AtomTable& atoms, const Facts& facts,
                                    Evaluation& evaluation) {
  std::vector<Difference> out;
  if (evaluation.matches(condition, effect)) {
    return out;
  }
  switch (condition.kind) {
    case Condition::Kind::kAtom: {
      const Atom& atom = atoms[condition.atom];
      out.push_back({atom.subject(), atom.expected, found(atom, facts)});
      return out;
    }
    case Condition::Kind::kNot: {
      const Condition& inner = condition.children.front();
      const Atom* atom = inner.kind == Condition::Kind::kAtom ? &atoms[inner.atom] : nullptr;
      out.push_back({atom ? atom->subject() : "not",
                     "not " + (atom ? atom->expected : condition_text(inner, atoms)),
                     atom ? found(*atom, facts) : "it holds, or cannot be told"});
      return out;
    }
    case Condition::Kind::kAll:
      for (const Condition& child : condition.children) {
        std::vector<Difference> more = differences(child, effect, atoms, facts, evaluation);
        out.insert(out.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
      }
      return out;
    case Condition::Kind::kAny:
      for (const Condition& child : condition.children) {
        std::vector<Difference> one = differences(child, effect, atoms, facts, evaluation);
        if (out.empty() || one.size() < out.size()) {
          out = std::move(one);
        }
      }
      return out;
  }
  return out;
}

}  // namespace pawl::rules
