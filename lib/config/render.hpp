// The configuration as text for people: what holds now, what there is, and the file to start from.
// All from the one table.
#pragma once

#include "config/load.hpp"

#include <span>
#include <string>

namespace restpoint::config {

/// Valid TOML: every key with its value and, as a comment, where it comes from. Secrets stand in
/// comments, masked, so that the text can be used as a file and cannot set a mask as a value.
[[nodiscard]] std::string render_show(const loaded& what, std::span<const key> table = keys());

/// A Markdown table: key, default, what is allowed, what it means; and a second one with the keys
/// of a schedule.
[[nodiscard]] std::string render_table(std::span<const key> table = keys());

/// The shipped restpoint.toml: every key explained and commented out at its default, and
/// a schedule.
[[nodiscard]] std::string render_example(std::span<const key> table = keys());

/// "  --server.listen=…" and so on, a line for each flag there is.
[[nodiscard]] std::string render_flags(std::span<const key> table = keys());

} // namespace restpoint::config
