//! The one command of the webview.

use std::sync::Arc;

use serde_json::Value;
use tauri::State;
use tieout_app::{App, Code, DeskError, DeskResult};

/// Calls a command of the desk, off the thread that draws.
#[tauri::command]
pub async fn call(
    app: State<'_, Arc<App>>,
    name: String,
    request: Value,
    job: Option<String>,
) -> DeskResult<Value> {
    let app = Arc::clone(&app);
    let called = tauri::async_runtime::spawn_blocking(move || app.call(&name, request, job.as_deref()));
    called.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command ended without an answer");
        Err(DeskError::new(Code::Internal, "the command ended without an answer; the log says where"))
    })
}
