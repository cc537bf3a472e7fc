#include "foundation/keys/sourced_keys.h"

#include <utility>

namespace pawl {
namespace {

Result<KeyPlace::Given> given(Files& files, const std::string& member, const KeySource& source,
                              KeyKind kind, const KeySources& sources) {
  Result<SigningKey> key = open_key_source(files, source, kind, sources.credentials);
  return key ? Result<KeyPlace::Given>(KeyPlace::Given{member, source.text, *std::move(key)})
             : fail_at(member, key.error());
}

Status add(Files& files, const std::string& member, const KeySource& source, KeyKind kind,
           const KeySources& sources, KeyPlace::Offer& offer) {
  if (source.is_file()) {
    return {};
  }
  Result<KeyPlace::Given> one = given(files, member, source, kind, sources);
  if (!one) {
    return fail(one.error());
  }
  offer.is_of_file = false;
  offer.given.push_back(*std::move(one));
  return {};
}

}  // namespace

Result<Keystore::Sourced> Keystore::open_sources(Files& files, const KeySources& sources) {
  Sourced out;
  Status opened =
      add(files, "keys.instance", sources.instance, KeyKind::kP256, sources, out.instance);
  if (opened) {
    opened = add(files, "keys.log", sources.log, KeyKind::kEd25519, sources, out.log);
  }
  if (!opened) {
    return fail(opened.error());
  }
  if (sources.next && sources.next->is_file()) {
    out.instance.may_go_to_file = true;
  } else if (sources.next) {
    Result<KeyPlace::Given> next =
        given(files, "keys.next", *sources.next, KeyKind::kP256, sources);
    if (!next) {
      return fail(next.error());
    }
    out.instance.given.push_back(*next);
    out.next = *std::move(next);
  }
  return out;
}

}  // namespace pawl
