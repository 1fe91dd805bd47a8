#include "base/nearest.hpp"
#include "config/assignment.hpp"

#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::config {
namespace {

namespace po = boost::program_options;

po::options_description describe(std::span<const key> table) {
    po::options_description known;
    known.add_options()("config", po::value<std::string>());
    for (const auto& row : table) {
        known.add_options()(row.name.c_str(), po::value<std::string>());
    }
    return known;
}

problem usage(std::string detail, std::string hint) {
    return {
        .what = problem::kind::command_line,
        .where = "command line",
        .detail = std::move(detail),
        .hint = std::move(hint)};
}

class flag_reader {
  public:
    explicit flag_reader(std::span<const key> table) : table_(table) {}

    void take(const po::basic_option<char>& option) {
        if (option.string_key.empty() || option.position_key >= 0) {
            if (!after_unknown_) {
                found_.problems.push_back(usage(
                    fmt::format("unexpected argument '{}'", option.original_tokens.front()),
                    "flags have the form --section.key=value"));
            }
            return;
        }
        after_unknown_ = option.unregistered;
        if (option.unregistered) {
            unknown(option);
        } else if (option.string_key == "config") {
            found_.file = option.value.front();
            found_.file_where = "flag --config";
        } else {
            known(option.string_key, option.value.front());
        }
    }

    reading result() { return std::move(found_); }

  private:
    void unknown(const po::basic_option<char>& option) {
        const auto& token = option.original_tokens.front();
        const auto flag = token.substr(0, token.find('='));
        const auto name = flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
        std::vector<std::string> names{"config"};
        for (const auto& row : table_) {
            names.push_back(row.name);
        }
        const auto best = nearest(name, names);
        found_.problems.push_back(usage(
            fmt::format("unknown flag {}", flag),
            best.empty() ? suggestion(name, table_) : fmt::format("did you mean --{}?", best)));
    }

    void known(const std::string& name, const std::string& text) {
        const auto row = std::ranges::find(table_, name, &key::name);
        if (row->form == shape::map) {
            found_.problems.push_back(usage(
                fmt::format("{} cannot be set by a flag", name),
                fmt::format("write it into the configuration file, under [{}]", name)));
            return;
        }
        if (row->secret == secrecy::secret) {
            found_.problems.push_back(usage(
                fmt::format(
                    "{} is a secret and cannot be set by a flag, which every process can "
                    "read",
                    name),
                fmt::format("use {}_FILE", environment_name(name))));
            return;
        }
        found_.assignments.push_back({&*row, value_of_text(*row, text), "flag --" + name});
    }

    std::span<const key> table_;
    reading found_;
    bool after_unknown_ = false; ///< a value of an unknown flag is not worth a message of its own
};

} // namespace

reading read_flags(const std::vector<std::string>& arguments, std::span<const key> table) {
    // The library reports by exceptions; they end here.
    try {
        using style = po::command_line_style::style_t;
        const auto known = describe(table);
        const auto parsed =
            po::command_line_parser(arguments)
                .options(known)
                .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
                .allow_unregistered()
                .run();
        flag_reader reader(table);
        for (const auto& option : parsed.options) {
            reader.take(option);
        }
        return reader.result();
    } catch (const po::error& wrong) {
        return {
            .problems = {usage(wrong.what(), "flags have the form --section.key=value")},
            .complete = false};
    }
}

} // namespace restpoint::config
