//! What kind of traffic a rule is about.

use cloudwright_synth::{IntoValue, Json};

/// Traffic by its protocol and its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    protocol: &'static str,
    from: i64,
    to: i64,
}

impl Port {
    /// Everything.
    pub const ALL: Self = Self {
        protocol: "-1",
        from: -1,
        to: -1,
    };
    /// HTTPS: TCP at port 443.
    pub const HTTPS: Self = Self::tcp(443);
    /// HTTP: TCP at port 80.
    pub const HTTP: Self = Self::tcp(80);

    /// TCP at a port.
    #[must_use]
    pub const fn tcp(port: u16) -> Self {
        Self::tcp_range(port, port)
    }

    /// TCP at the ports from one to another.
    #[must_use]
    pub const fn tcp_range(first: u16, last: u16) -> Self {
        Self::new("tcp", first, last)
    }

    /// UDP at a port.
    #[must_use]
    pub const fn udp(port: u16) -> Self {
        Self::udp_range(port, port)
    }

    /// UDP at the ports from one to another.
    #[must_use]
    pub const fn udp_range(first: u16, last: u16) -> Self {
        Self::new("udp", first, last)
    }

    const fn new(protocol: &'static str, first: u16, last: u16) -> Self {
        Self {
            protocol,
            from: first as i64,
            to: last as i64,
        }
    }

    pub(super) const fn protocol(self) -> &'static str {
        self.protocol
    }

    /// The first and the last port; `None` where there are none.
    pub(super) const fn ports(self) -> Option<(i64, i64)> {
        match self.from {
            -1 => None,
            from => Some((from, self.to)),
        }
    }

    /// Whether a port belongs to it.
    pub(super) fn has(self, port: i64) -> bool {
        self.protocol == "-1" || (self.protocol == "tcp" && (self.from..=self.to).contains(&port))
    }

    /// A short name, for ids and messages: `tcp443`, `udp1000-2000`, `all`.
    pub(super) fn name(self) -> String {
        match self.ports() {
            None => "all".to_owned(),
            Some((from, to)) if from == to => format!("{}{from}", self.protocol),
            Some((from, to)) => format!("{}{from}-{to}", self.protocol),
        }
    }

    pub(super) fn members(self) -> Vec<(&'static str, Json)> {
        let mut members = vec![("IpProtocol", IntoValue::<Json>::into_json(self.protocol))];
        if let Some((from, to)) = self.ports() {
            members.extend([("FromPort", Json::Int(from)), ("ToPort", Json::Int(to))]);
        }
        members
    }
}
