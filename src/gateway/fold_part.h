// What the fold over records is made of: parts, each with a matter of its own.
//
// Purpose:    a capability brings its part in a file of its own and names it in the one list of
//             decisions.h. Fold makes one of several; its members are theirs.
// Threading:  plain values.
// Rules:      apply() emits nothing, reads no clock, and depends on its part and the record alone:
//             so replay gives what the live fold gave, and the order of parts means nothing.
//             No two parts print a member of the same name.
// Not errors: a record that says something impossible (it changes nothing); a member that an older
//             version's state does not have (it is empty).
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "base/uuid.h"

namespace pawl {

// A record of this log as parts see it; valid during apply().
struct FoldedRecord {
  std::uint64_t index;  // in the log
  Uuid id;              // nil: it has none that is a UUID
  std::string_view kind;
  std::int64_t iat;  // seconds; 0: none
  const json::Value& claims;
  const json::Value* parents;  // of them (record_claims.h); nullptr: none
  const json::Value& body;     // ect_ext["pawl." + area]
  std::string_view typ, kid;   // of the token's header: the dialect, and the key that signed
};

// has(kind): every record of this kind is folded when it is made. Those of other kinds are, too,
// when their draft says so (RecordDraft::changes_decisions()), and in replay always: apply() looks
// for itself. What no has() and no draft names must change nothing.
// print_to() adds the part's members to the state's JSON, read() takes them from there.
template <class T>
concept FoldPart = std::copyable<T> && std::default_initializable<T> &&
    requires(T part, const T& kept, const FoldedRecord& record, json::Object& out,
             const json::Value& state) {
  { T::has(record.kind) } -> std::same_as<bool>;
  part.apply(record);
  kept.print_to(out);
  { T::read(state) } -> std::same_as<Result<T>>;
};

template <FoldPart... Parts>
struct Fold : Parts... {
  static bool has(std::string_view kind) { return (Parts::has(kind) || ...); }

  void apply(const FoldedRecord& record) { (static_cast<Parts&>(*this).apply(record), ...); }

  void print_to(json::Object& out) const { (static_cast<const Parts&>(*this).print_to(out), ...); }

  // The error of the first part that cannot be read.
  static Result<Fold> read(const json::Value& state) {
    Fold out;
    Status good;
    const auto take = [&]<class Part>(Part& part) {
      Result<Part> read = Part::read(state);
      if (!read) {
        good = fail(read.error());
        return false;
      }
      part = *std::move(read);
      return true;
    };
    const bool all = (take(static_cast<Parts&>(out)) && ...);
    return all ? Result<Fold>(std::move(out)) : Result<Fold>(fail(good.error()));
  }
};

}  // namespace pawl
