//! How fast questions are asked: quickly at first, then ever more slowly, and with patience where AWS asks
//! for some.

use std::time::Duration;

use crate::cloud::{Call, Clock};
use crate::fault::{Class, Fault};

/// The time between two looks at an operation. A local engine is done at once, a real stack takes minutes.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Duration);

const QUICK: Duration = Duration::from_millis(200);
const SLOW: Duration = Duration::from_secs(5);

impl Pace {
    pub(crate) const fn new() -> Self {
        Self(QUICK)
    }

    /// Waits, and longer the next time.
    pub(crate) async fn wait(&mut self, clock: &dyn Clock) {
        clock.sleep(self.0).await;
        self.0 = (self.0 * 3 / 2).min(SLOW);
    }
}

/// How often a request is made before its fault counts. With the waits below that is about two minutes.
const ATTEMPTS: u32 = 12;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Makes a request again while its fault may pass. Every request is of a kind that may be made twice: it
/// reads, or it carries a token or a name that CloudFormation knows it by.
pub(crate) async fn patiently<'a, T>(
    clock: &dyn Clock,
    call: impl FnMut() -> Call<'a, T>,
) -> Result<T, Fault> {
    again(clock, call, Fault::is_passing).await
}

/// Makes a request that must not be made twice: again only while it is turned away, and so did nothing.
pub(crate) async fn when_let_in<'a, T>(
    clock: &dyn Clock,
    call: impl FnMut() -> Call<'a, T>,
) -> Result<T, Fault> {
    again(clock, call, |fault| fault.class == Class::Throttled).await
}

async fn again<'a, T>(
    clock: &dyn Clock,
    mut call: impl FnMut() -> Call<'a, T>,
    passes: impl Fn(&Fault) -> bool,
) -> Result<T, Fault> {
    let mut wait = FIRST_WAIT;
    for attempt in 1.. {
        match call().await {
            Err(fault) if passes(&fault) && attempt < ATTEMPTS => {
                clock.sleep(spread(wait, attempt, fault.operation)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            answer => return answer,
        }
    }
    unreachable!("the last attempt returns its answer")
}

/// The wait less up to a quarter of it, so that many stacks that were turned away together do not come back
/// together. It depends on the operation and the attempt, not on chance.
fn spread(wait: Duration, attempt: u32, operation: &str) -> Duration {
    let mark: u32 = operation.bytes().map(u32::from).sum::<u32>() + attempt * 7;
    wait - wait / 4 * (mark % 16) / 16
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;

    use super::*;

    /// Time that passes at once and remembers how.
    #[derive(Default)]
    struct Fast(RefCell<Vec<Duration>>);

    impl Clock for Fast {
        fn now(&self) -> Duration {
            self.0.borrow().iter().sum()
        }

        fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
            self.0.borrow_mut().push(time);
            async {}.boxed_local()
        }
    }

    fn fault(class: Class) -> Fault {
        Fault {
            class,
            operation: "DescribeStacks",
            code: "Throttling".into(),
            message: "Rate exceeded".into(),
        }
    }

    /// What a request ends in that fails so many times.
    fn ask(clock: &Fast, class: Class, failures: u32) -> (Result<u32, Fault>, u32) {
        let asked = Cell::new(0);
        let call = || -> Call<'_, u32> {
            asked.set(asked.get() + 1);
            let answer = if asked.get() > failures {
                Ok(asked.get())
            } else {
                Err(fault(class))
            };
            async { answer }.boxed_local()
        };
        let answer = patiently(clock, call).now_or_never().unwrap();
        (answer, asked.get())
    }

    #[test]
    fn throttling_is_waited_out_ever_more_slowly() {
        let clock = Fast::default();
        assert_eq!(ask(&clock, Class::Throttled, 8), (Ok(9), 9));
        let waits = clock.0.borrow();
        assert_eq!(waits.len(), 8);
        assert!(waits[0] >= FIRST_WAIT * 3 / 4 && waits[0] <= FIRST_WAIT);
        assert!(waits[7] > LONGEST_WAIT * 3 / 4 - FIRST_WAIT && waits[7] <= LONGEST_WAIT);
        assert!(
            waits[..5].windows(2).all(|pair| pair[0] < pair[1]),
            "{waits:?}"
        );
    }

    #[test]
    fn patience_ends_and_other_faults_count_at_once() {
        let clock = Fast::default();
        assert_eq!(
            ask(&clock, Class::Unreachable, 99),
            (Err(fault(Class::Unreachable)), ATTEMPTS)
        );
        assert!(clock.now() > Duration::from_secs(60) && clock.now() < Duration::from_secs(150));
        assert_eq!(ask(&Fast::default(), Class::Denied, 99).1, 1);
    }

    #[test]
    fn looks_become_rarer_up_to_five_seconds() {
        let (clock, mut pace) = (Fast::default(), Pace::new());
        for _ in 0..20 {
            pace.wait(&clock).now_or_never().unwrap();
        }
        let waits = clock.0.borrow();
        assert_eq!((waits[0], waits[19]), (QUICK, SLOW));
    }
}
