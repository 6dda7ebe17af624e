//! A real browser without a window, spoken to over a pipe by its
//! [own protocol](https://chromedevtools.github.io/devtools-protocol/): no port, no driver, no library.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tools::{isolated, require};

/// A page in a browser of its own, which ends with this value and with the process in any case: it ends when its pipe does.
#[derive(Debug)]
pub struct Page {
    browser: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Value,
    asked: u64,
    events: Vec<Value>,
    // Gone after the browser.
    folder: TempDir,
}

/// What the browser is started with: no sandbox, since tests may run as root in a container.
const FLAGS: [&str; 8] = [
    "--headless=shell",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "about:blank",
];

impl Page {
    /// Opens a page of this content, as a file of its own.
    ///
    /// # Panics
    /// If the browser is missing or does not start.
    #[must_use]
    pub fn open(content: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder for the browser");
        let mut page = Self::start(folder);
        page.ask("Page.enable", &json!({}));
        page.ask("Runtime.enable", &json!({}));
        page.ask("Log.enable", &json!({}));
        page.ask("Network.enable", &json!({}));
        let size =
            json!({ "width": 1300, "height": 1000, "deviceScaleFactor": 1, "mobile": false });
        page.ask("Emulation.setDeviceMetricsOverride", &size);
        let file = page.folder.path().join("page.html");
        fs::write(&file, content).expect("the page is written");
        page.ask(
            "Page.navigate",
            &json!({ "url": format!("file://{}", file.display()) }),
        );
        page.until("document.readyState === 'complete' && location.protocol === 'file:'");
        page
    }

    fn start(folder: TempDir) -> Self {
        let program = require("chromium", "chromium");
        let libraries = program.with_file_name("lib");
        let profile = folder.path().join("profile");
        // The browser reads requests from its third stream and answers on its fourth.
        let mut browser = isolated("/bin/sh".as_ref())
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 1>/dev/null"])
            .arg(&program)
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(FLAGS)
            .env("LD_LIBRARY_PATH", libraries)
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let mut page = Self {
            to: browser.stdin.take().expect("a pipe to the browser"),
            from: BufReader::new(browser.stdout.take().expect("a pipe from the browser")),
            browser,
            session: Value::Null,
            asked: 0,
            events: Vec::new(),
            folder,
        };
        let target = page.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        page.session = page.ask("Target.attachToTarget", &attach)["sessionId"].clone();
        page
    }

    /// Asks the browser for something and waits for its answer.
    ///
    /// # Panics
    /// If the browser refuses or has ended.
    pub fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let mut request = json!({ "id": self.asked, "method": method, "params": parameters });
        if !self.session.is_null() {
            request["sessionId"] = self.session.clone();
        }
        let sent = write!(self.to, "{request}\0").and_then(|()| self.to.flush());
        sent.unwrap_or_else(|why| panic!("the browser has ended: {why}"));
        loop {
            let mut said = Vec::new();
            self.from
                .read_until(0, &mut said)
                .expect("the browser can be read");
            said.pop();
            let said: Value = serde_json::from_slice(&said)
                .unwrap_or_else(|_| panic!("the browser has ended in {method}"));
            if said["id"] == self.asked {
                assert!(said["error"].is_null(), "{method}: {}", said["error"]);
                return said["result"].clone();
            }
            self.events.push(said);
        }
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    /// If it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].clone()
    }

    /// The value of an expression in the page, as text.
    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) {
        while self.value(expression) != true {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Presses a key as a person does, such as `ArrowDown` or `/`.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
        match key {
            "Enter" => down["text"] = json!("\r"),
            key if code == 0 => down["text"] = json!(key),
            _ => {}
        }
        self.ask("Input.dispatchKeyEvent", &down);
        self.ask(
            "Input.dispatchKeyEvent",
            &json!({ "type": "keyUp", "key": key }),
        );
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.ask("Input.insertText", &json!({ "text": text }));
    }

    /// Clicks into the middle of what a selector finds first, once it stays where it is: what comes into view on the way there
    /// takes its room only then, and the browser finds what is clicked by its last picture.
    pub fn click(&mut self, selector: &str) {
        let place = format!(
            "(async () => {{ const one = document.querySelector({}), drawn = () => new Promise(requestAnimationFrame); \
             for (let last = NaN, at;; last = at.y) {{ \
               one.scrollIntoView({{ block: 'center', behavior: 'instant' }}); await drawn(); await drawn(); \
               at = one.getBoundingClientRect(); \
               if (at.y === last) return [at.x + Math.min(at.width / 2, 40), at.y + Math.min(at.height / 2, 10)]; \
             }} }})()",
            json!(selector)
        );
        let place = self.value(&place);
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &click);
        }
    }

    /// What the system of the reader prefers: `light` or `dark`; and whether it is a `screen` or `print`.
    pub fn prefer(&mut self, scheme: &str, medium: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({ "media": medium, "features": [feature] }),
        );
    }

    /// What happened so far, by the name of the event.
    #[must_use]
    pub fn events(&self, method: &str) -> Vec<&Value> {
        let of = self.events.iter().filter(|event| event["method"] == method);
        of.map(|event| &event["params"]).collect()
    }

    /// A picture of what is seen, in Base64.
    pub fn screenshot(&mut self) -> String {
        let picture = self.ask("Page.captureScreenshot", &json!({}));
        picture["data"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
