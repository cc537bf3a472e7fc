#include "foundation/rules/sample_request.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace pawl::rules {
namespace {

std::string sample_of_glob(const std::string& glob) {
  std::string out;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] != '*') {
      out += glob[i];
    } else if (i == 0 || glob[i - 1] != '*') {
      out += 'x';
    }
  }
  return out;
}

// A number that lies in the range, if one of its ends or their neighbors does.
json::Value sample_of_range(const Atom& atom) {
  const auto& r = atom.range;
  for (const auto& [end, is_open, step] : {std::tuple{r.gte, false, 0}, std::tuple{r.lte, false, 0},
                                           std::tuple{r.gt, true, 1}, std::tuple{r.lt, true, -1}}) {
    const Result<json::Parsed> number =
        end ? json::parse(schema::to_text(*end)) : Result<json::Parsed>(fail(Code::kNotFound, ""));
    if (number && !is_open) {
      return number->value;
    }
    if (number) {
      return number->value.to_number<double>() + step;
    }
  }
  return 0;
}

// A value of which the predicate may be true; `choice`: which of those that it names.
json::Value sample_of(const Atom& atom, std::size_t choice) {
  if (atom.op == Operator::kRange) {
    return sample_of_range(atom);
  }
  if (atom.op == Operator::kSize) {
    return json::Value(std::string(std::min<std::uint64_t>(atom.size.min.value_or(0), 1000), 'x'));
  }
  json::Array named;
  if (atom.op == Operator::kOneOf) {
    named.insert(named.end(), atom.texts.begin(), atom.texts.end());
    named.insert(named.end(), atom.values.begin(), atom.values.end());
    for (const std::string& glob : glob_texts(atom)) {
      named.emplace_back(sample_of_glob(glob));
    }
  }
  return named.empty() ? json::Value("x") : named[choice % named.size()];
}

}  // namespace

SampleRequest::SampleRequest(const Given& given, std::size_t choice) {
  for (const Fact& fact : given) {
    const bool is_there = (fact.answers & kIsTrue) != 0 && fact.atom->op != Operator::kExists;
    const bool must_exist =
        fact.atom->op == Operator::kExists && ((fact.answers & kIsTrue) != 0) == fact.atom->exists;
    if (is_there || must_exist) {
      put(*fact.atom, sample_of(*fact.atom, choice));
    }
  }
  for (const Fact& fact : given) {
    if (!(fact.answers & kIsAbsent) && fact.atom->op != Operator::kExists) {
      put(*fact.atom, "x");  // where nothing stands yet: it must be there, and answer no
    }
  }
}

Facts SampleRequest::facts() const {
  Facts out;
  out.agent = names_[0];
  out.groups = &groups_;
  out.on_behalf_of = names_[2];
  out.server = names_[3];
  out.verb = names_[4];
  out.tool = names_[5];
  out.resource = names_[6];
  out.arguments = has_arguments_ ? &arguments_ : nullptr;
  return out;
}

void SampleRequest::set_verb(std::string_view verb) {
  names_[static_cast<std::size_t>(Field::kVerb)] = verb;
}

json::Object SampleRequest::shown() const {
  json::Object out;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (!names_[i].empty()) {
      out[field_name(static_cast<Field>(i))] = names_[i];
    }
  }
  if (!groups_.empty()) {
    out[field_name(Field::kGroup)] = json::Array(groups_.begin(), groups_.end());
  }
  if (has_arguments_) {
    out["arguments"] = arguments_;
  }
  return out;
}

void SampleRequest::put(const Atom& atom, json::Value value) {
  if (atom.field == Field::kArgument) {
    put_argument(atom.path, std::move(value));
    return;
  }
  std::string text(value.is_string() ? std::string(value.get_string()) : "x");
  std::string& name = names_[static_cast<std::size_t>(atom.field)];
  if (atom.field == Field::kGroup) {
    if (groups_.empty() || text != "x") {
      groups_.push_back(std::move(text));
    }
  } else if (name.empty()) {
    name = std::move(text);
  }
}

void SampleRequest::put_argument(const std::vector<std::string>& path, json::Value value) {
  if (!has_arguments_ && !path.empty()) {
    arguments_ = json::Object{};
  }
  json::Value* at = &arguments_;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!at->is_object()) {
      return;
    }
    const bool is_new = !at->get_object().contains(path[i]);
    at = &at->get_object()[path[i]];
    if (is_new && i + 1 < path.size()) {
      *at = json::Object{};
    } else if (!is_new && i + 1 == path.size()) {
      return;
    }
  }
  *at = std::move(value);
  has_arguments_ = true;
}

}  // namespace pawl::rules
