//! Which sections are on which page.

/// A page: its file, its title, and the sections that it shows.
pub struct Page(pub &'static str, pub &'static str, pub &'static [Sections]);

/// Sections of a file, by their headings: all for `["*"]`. An empty heading is what precedes the first one.
pub struct Sections(pub &'static str, pub &'static [&'static str]);

const PROJECT: &str = "README.md";
const PYTHON: &str = "bindings/python/README.md";
const NODE: &str = "bindings/node/README.md";
const NODE_FLEET: &str = "bindings/node/fleet/README.md";

/// All pages, in their order.
pub const PAGES: &[Page] = &[
    Page(
        "index.md",
        "Ocamba Hood SDK",
        &[Sections(PROJECT, &["", "Two commands", "How it fits together", "What is known of the API", "Licence"])],
    ),
    Page("platforms.md", "Platforms", &[Sections(PROJECT, &["Platforms"])]),
    Page(
        "python.md",
        "First steps in Python",
        &[
            Sections(
                PYTHON,
                &["", "Create an integration", "Ensure that an integration exists", "List and get", "Update"],
            ),
            Sections(PYTHON, &["Validate and test", "With asyncio", "Tables and notebooks"]),
            Sections(
                PYTHON,
                &["With pydantic, FastAPI and dataclasses", "Settings of a client", "Other defaults for some calls"],
            ),
        ],
    ),
    Page(
        "node.md",
        "First steps in Node",
        &[Sections(
            NODE,
            &["", "Methods", "Lists", "Exactly one integration", "Timeouts and aborts", "Options of the client"],
        )],
    ),
    Page(
        "rust.md",
        "First steps in Rust",
        &[Sections("crates/hood/README.md", &["*"]), Sections(PROJECT, &["In Rust"])],
    ),
    Page(
        "command-line.md",
        "The command line",
        &[Sections(PROJECT, &["On the command line"]), Sections("bindings/node/cli/README.md", &["*"])],
    ),
    Page(
        "outcomes.md",
        "Outcomes and the rate limit",
        &[
            Sections(PROJECT, &["Nothing lost, nothing twice"]),
            Sections(PYTHON, &["Handle errors"]),
            Sections(NODE, &["Errors"]),
            Sections("ARCHITECTURE.md", &["Outcomes", "Assumptions"]),
        ],
    ),
    Page(
        "fleets.md",
        "Fleets",
        &[
            Sections("crates/fleet/README.md", &["*"]),
            Sections(PYTHON, &["Many at once"]),
            Sections(NODE, &["Many at once"]),
            Sections(NODE_FLEET, &["*"]),
        ],
    ),
    Page(
        "unknown-providers.md",
        "Providers that a version does not know",
        &[
            Sections(PYTHON, &["Unknown providers, statuses and fields"]),
            Sections(NODE, &["Providers that this version does not know"]),
        ],
    ),
    Page(
        "testing.md",
        "Testing with the sandbox",
        &[
            Sections(PROJECT, &["A sandbox that misbehaves"]),
            Sections(PYTHON, &["Tests without a network"]),
            Sections(NODE, &["Your own tests"]),
        ],
    ),
    Page("network.md", "Proxies and certificates", &[Sections(PROJECT, &["In a company's network"])]),
    Page(
        "production.md",
        "In production",
        &[
            Sections(PROJECT, &["Platforms", "In containers"]),
            Sections(PYTHON, &["In production", "Watch the requests", "Status, headers and trace ID"]),
            Sections(NODE, &["In production", "Bundlers", "Logs", "Tracing and metrics", "Status, headers, trace ID"]),
        ],
    ),
    Page(
        "security.md",
        "Security",
        &[
            Sections(PROJECT, &["Security"]),
            Sections("SECURITY.md", &["*"]),
            Sections(PYTHON, &["Secrets stay secret"]),
            Sections(NODE, &["Secrets"]),
        ],
    ),
    Page("changes.md", "Changes", &[Sections("CHANGELOG.md", &["*"])]),
];
